using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN002: a read section that is never checked.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UncheckedReadSectionAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.UncheckedReadSection,
        "Check a read section before using what was read in it",
        "The read section that '{0}' begins is never checked with MustRetry; what is read in it may be stale",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A read section does not hold invalidations off. Only MustRetry, read under the lock that the callback takes, says "
            + "whether what was collected may be committed.",
        helpLinkUri: Rule.HelpLink(Rule.UncheckedReadSection));

    /// <summary>Made by the compiler.</summary>
    public UncheckedReadSectionAnalyzer()
        : base(Descriptor, OperationKind.Invocation)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var begin = (IInvocationOperation)context.Operation;
        if (!engine.BeginsReadSection(begin.TargetMethod))
            return;
        IOperation section = SectionValue.Of(begin);
        Landing landing = Landing.Of(section);
        if (landing.IsDiscarded || (landing.Local is { } local && IsSection(local, engine) && IsNeverChecked(local, begin.Root(), engine)))
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, begin.Syntax.GetLocation(), begin.TargetMethod.Name));
    }

    private static bool IsSection(ILocalSymbol local, EngineSymbols engine) =>
        SymbolEqualityComparer.Default.Equals(local.Type, engine.ReadSection);

    private static bool IsNeverChecked(ILocalSymbol local, IOperation root, EngineSymbols engine) =>
        LocalUses.Of(local, root).All(use => LocalUses.IsAssigned(use) || IsOnlyLookedAt(use, engine));

    private static bool IsOnlyLookedAt(ILocalReferenceOperation use, EngineSymbols engine) => use.Parent switch
    {
        IPropertyReferenceOperation => LocalUses.ReadOf(use) is { } property && !engine.IsMustRetry(property),
        IInvocationOperation => LocalUses.CalledOn(use) is not null,
        IIsPatternOperation => true,
        _ => false,
    };
}
