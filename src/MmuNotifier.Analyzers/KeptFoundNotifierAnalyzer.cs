using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN005: a found notifier that outlives the hold of its find.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class KeptFoundNotifierAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.KeptFoundNotifier,
        "Do not keep a found notifier past its hold",
        "The found notifier is {0}, where it outlives its hold",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A find holds a notifier until it goes on to the next one or ends. Later the notifier may have been released, and "
            + "what its Released handler frees is gone.",
        helpLinkUri: Rule.HelpLink(Rule.KeptFoundNotifier));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (EngineSymbols.Of(start.Compilation) is { } engine)
                start.RegisterOperationAction(operation => Look(operation, engine), OperationKind.PropertyReference);
        });
    }

    private static void Look(OperationAnalysisContext context, EngineSymbols engine)
    {
        var reference = (IPropertyReferenceOperation)context.Operation;
        if (!engine.IsFoundNotifierOf(reference.Property))
            return;
        foreach (FoundValue.Kept kept in new FoundValue(reference, engine).FindKept())
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, kept.Value.Syntax.GetLocation(), kept.How));
    }
}
