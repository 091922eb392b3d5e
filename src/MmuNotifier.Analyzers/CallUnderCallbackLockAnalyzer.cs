using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN010: a call that runs callbacks or waits for them, while a lock is held that a callback takes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CallUnderCallbackLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.CallUnderCallbackLock,
        "Do not run or await callbacks under a lock that they take",
        "'{0}' {1}, and '{2}', which is held here, is taken by '{3}': two threads can wait for each other for ever",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "The callback waits for the lock, and its holder for the callback, or for another one that was started before it.",
        helpLinkUri: Rule.HelpLink(Rule.CallUnderCallbackLock),
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

    /// <remarks>Callback and caller are often in different files, so what is seen is compared at the end.</remarks>
    private static void Watch(CompilationStartAnalysisContext start, EngineSymbols engine)
    {
        var locks = new CallbackLocks(engine);
        var callbacks = new ConcurrentBag<IMethodSymbol>();
        var calls = new ConcurrentBag<(IInvocationOperation Call, HeldLocks Held)>();
        start.RegisterSymbolAction(
            context =>
            {
                if (context.Symbol is IMethodSymbol method && engine.IsCallback(method))
                    callbacks.Add(method);
            },
            SymbolKind.Method);
        start.RegisterOperationAction(
            context =>
            {
                locks.Add(context.Operation, context.ContainingSymbol);
                if (context.Operation is IInvocationOperation call
                    && (engine.RunsCallbacks(call.TargetMethod) || engine.Waits(call.TargetMethod)))
                    calls.Add((call, HeldLocks.At(call)));
            },
            OperationKind.Invocation,
            OperationKind.Lock,
            OperationKind.Using,
            OperationKind.UsingDeclaration);
        start.RegisterCompilationEndAction(end =>
        {
            var taken = callbacks
                .Select(callback => (Callback: callback, Locks: locks.Of(callback)))
                .OrderBy(each => each.Callback.ToDisplayString(), StringComparer.Ordinal)
                .ToList();
            foreach ((IInvocationOperation call, HeldLocks held) in calls)
                Report(end, engine, call, held, taken);
        });
    }

    private static void Report(
        CompilationAnalysisContext context,
        EngineSymbols engine,
        IInvocationOperation call,
        HeldLocks held,
        List<(IMethodSymbol Callback, IReadOnlyCollection<ISymbol> Locks)> taken)
    {
        foreach ((IMethodSymbol callback, IReadOnlyCollection<ISymbol> locks) in taken)
        {
            if (locks.FirstOrDefault(name => held.HoldsAnyOf([name])) is not { } shared)
                continue;
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptor,
                call.Syntax.GetLocation(),
                call.TargetMethod.Name,
                engine.Waits(call.TargetMethod) ? "waits for callbacks" : "runs callbacks",
                shared.Name,
                $"{callback.ContainingType.Name}.{callback.Name}"));
            return;
        }
    }
}
