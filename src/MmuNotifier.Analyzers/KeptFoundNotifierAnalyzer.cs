using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN005: a found notifier that outlives the hold of its find.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KeptFoundNotifierAnalyzer : EngineUseAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.KeptFoundNotifier,
        "Do not keep a found notifier past its hold",
        "The found notifier is {0}, where it outlives its hold",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A find holds a notifier until it moves to the next one or ends. Later the notifier may have been released, and "
            + "what its Released handler frees is gone.",
        helpLinkUri: Rule.HelpLink(Rule.KeptFoundNotifier));

    /// <summary>Made by the compiler.</summary>
    public KeptFoundNotifierAnalyzer()
        : base(Descriptor, OperationKind.PropertyReference)
    {
    }

    private protected override void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var reference = (IPropertyReferenceOperation)context.Operation;
        if (!engine.IsFoundNotifierOf(reference.Property))
            return;
        foreach (FoundValue.Kept kept in new FoundValue(reference, engine).FindKept())
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, kept.Value.Syntax.GetLocation(), kept.How));
    }
}
