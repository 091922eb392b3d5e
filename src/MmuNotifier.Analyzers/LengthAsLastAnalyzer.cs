using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN008: a range whose last address is computed as start + length, which is one too high.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LengthAsLastAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.LengthAsLast,
        "The last address is inclusive",
        "The last address of the range is inclusive, and '{0}' looks like start + length; use AddressRange.FromLength",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A range that is one byte too long meets the first page of its neighbour: needless callbacks, and edits that cut one "
            + "byte.",
        helpLinkUri: Rule.HelpLink(Rule.LengthAsLast));

    /// <summary>What names of lengths have in them.</summary>
    private static readonly string[] s_words = ["length", "size", "bytes", "count"];

    /// <summary>Made by the compiler.</summary>
    public LengthAsLastAnalyzer()
        : base(Descriptor, OperationKind.ObjectCreation)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var creation = (IObjectCreationOperation)context.Operation;
        if (!engine.IsRangeOfBounds(creation.Constructor)
            || ValueOf(creation, "start") is not { } start
            || ValueOf(creation, "last") is not { } last)
            return;
        if (last is IBinaryOperation { OperatorKind: BinaryOperatorKind.Add } sum && AddsLength(start, sum))
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, last.Syntax.GetLocation(), last.Syntax.ToString()));
    }

    private static IOperation? ValueOf(IObjectCreationOperation creation, string name) =>
        creation.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == name)?.Value.WithoutConversions();

    private static bool AddsLength(IOperation start, IBinaryOperation sum)
    {
        IOperation left = sum.LeftOperand.WithoutConversions();
        IOperation right = sum.RightOperand.WithoutConversions();
        return (IsSame(left, start) && IsLength(right)) || (IsSame(right, start) && IsLength(left));
    }

    private static bool IsSame(IOperation one, IOperation other) => one.Syntax.IsEquivalentTo(other.Syntax, topLevel: false);

    /// <summary>A constant is taken for a length if it is even, as lengths of pages are; anything else by its name.</summary>
    private static bool IsLength(IOperation added) => added.ConstantValue is { HasValue: true, Value: { } constant }
        ? Convert.ToDecimal(constant, CultureInfo.InvariantCulture) % 2 == 0
        : NameOf(added) is { } name && s_words.Any(word => name.IndexOf(word, StringComparison.OrdinalIgnoreCase) >= 0);

    private static string? NameOf(IOperation value) => value switch
    {
        ILocalReferenceOperation local => local.Local.Name,
        IParameterReferenceOperation parameter => parameter.Parameter.Name,
        IMemberReferenceOperation member => member.Member.Name,
        _ => null,
    };
}
