using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN007: an owner of a value type, which is boxed again each time, so that no two of them are the same.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BoxedOwnerAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.BoxedOwner,
        "An owner must not be a value type",
        "The owner is a '{0}', a value type: each use boxes it, owners are compared by reference, and so it exempts nobody",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A notifier is exempt from the migrations of its owner if both name the same object. "
            + "A boxed value is another object each time.",
        helpLinkUri: Rule.HelpLink(Rule.BoxedOwner));

    /// <summary>Made by the compiler.</summary>
    public BoxedOwnerAnalyzer()
        : base(Descriptor, OperationKind.Argument)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var argument = (IArgumentOperation)context.Operation;
        if (argument.Parameter is { } parameter
            && engine.IsOwner(parameter)
            && argument.Value.WithoutConversions().Type is { IsValueType: true } type)
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, argument.Value.Syntax.GetLocation(), type.ToDisplayString()));
        }
    }
}
