using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN003: a retry check that does not hold the lock that the notifier's callback takes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RetryOutsideLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.RetryOutsideLock,
        "Check and commit under the lock that the callback takes",
        "MustRetry is checked without '{0}', which '{1}' takes; the callback may run between the check and the commit",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Check and commit must be one step for the callback: if the check still sees the old sequence, the callback has yet "
            + "to take the lock, and will find what was committed.",
        helpLinkUri: Rule.HelpLink(Rule.RetryOutsideLock),
        customTags: WellKnownDiagnosticTags.CompilationEnd);

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
                Watch(start, engine);
        });
    }

    /// <remarks>Callback and reader are often in different files, so what is seen is compared at the end.</remarks>
    private static void Watch(CompilationStartAnalysisContext start, EngineSymbols engine)
    {
        var locks = new CallbackLocks(engine);
        var checks = new ConcurrentBag<RetryCheck>();
        start.RegisterOperationAction(
            context =>
            {
                locks.Add(context.Operation, context.ContainingSymbol);
                if (context.Operation is not IPropertyReferenceOperation look || !engine.IsMustRetry(look.Property))
                    return;
                if (RetryCheck.Of(look, engine) is { } check)
                    checks.Add(check);
            },
            OperationKind.Invocation,
            OperationKind.PropertyReference,
            OperationKind.Lock,
            OperationKind.Using,
            OperationKind.UsingDeclaration);
        start.RegisterCompilationEndAction(end =>
        {
            foreach (RetryCheck check in checks)
                Report(end, check, locks.Of(check.Callback));
        });
    }

    private static void Report(CompilationAnalysisContext context, RetryCheck check, IReadOnlyCollection<ISymbol> locks)
    {
        if (locks.Count == 0 || !check.IsSurelyOutsideOf(locks))
            return;
        string callback = $"{check.Callback.ContainingType.Name}.{check.Callback.Name}";
        context.ReportDiagnostic(Diagnostic.Create(Descriptor, check.Location, locks.First().Name, callback));
    }
}
