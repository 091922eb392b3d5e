using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MmuNotifier.Analyzers;

/// <summary>A rule that looks at one kind of operation in compilations that use the engine.</summary>
public abstract class EngineUseAnalyzer : DiagnosticAnalyzer
{
    private readonly OperationKind _kind;

    private protected EngineUseAnalyzer(DiagnosticDescriptor descriptor, OperationKind kind)
    {
        SupportedDiagnostics = [descriptor];
        _kind = kind;
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (EngineSymbols.Of(start.Compilation) is { } engine)
                start.RegisterOperationAction(operation => Look(operation, engine), _kind);
        });
    }

    private protected abstract void Look(OperationAnalysisContext context, EngineSymbols engine);
}
