using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MmuNotifier.Analyzers;

/// <summary>MMUN001: a call that waits, inside a callback, second step or Released handler.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class WaitInCallbackAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        Rule.WaitInCallback,
        "Do not wait inside a callback",
        "'{0}' waits, but '{1}' is called by the engine and must not wait; {2}",
        Rule.Correctness,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "The invalidation continues only when its callbacks return, so a callback that waits for an invalidation, a removal "
            + "or a release may wait for itself.",
        helpLinkUri: Rule.HelpLink(Rule.WaitInCallback));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (EngineSymbols.Of(start.Compilation) is not { } engine)
                return;
            var graphs = new ConcurrentDictionary<ISymbol, CallGraph>(SymbolEqualityComparer.Default);
            start.RegisterSymbolStartAction(type => WatchType(type, engine, graphs), SymbolKind.NamedType);
        });
    }

    /// <remarks>A second step is often a class inside its notifier, so the outermost type is looked at as a whole; it ends last.</remarks>
    private static void WatchType(SymbolStartAnalysisContext context, EngineSymbols engine, ConcurrentDictionary<ISymbol, CallGraph> graphs)
    {
        INamedTypeSymbol outermost = OutermostOf((INamedTypeSymbol)context.Symbol);
        IMethodSymbol[] callbacks = [.. CallbacksIn(outermost, engine)];
        if (callbacks.Length == 0)
            return;
        CallGraph graph = graphs.GetOrAdd(outermost, _ => new CallGraph(engine));
        context.RegisterOperationBlockAction(block =>
        {
            if (block.OwningSymbol is IMethodSymbol method)
                graph.Add(method, block.OperationBlocks);
        });
        if (SymbolEqualityComparer.Default.Equals(outermost, context.Symbol))
            context.RegisterSymbolEndAction(end => Report(end, graph, callbacks));
    }

    private static INamedTypeSymbol OutermostOf(INamedTypeSymbol type)
    {
        INamedTypeSymbol outermost = type;
        while (outermost.ContainingType is { } outer)
            outermost = outer;
        return outermost;
    }

    private static IEnumerable<IMethodSymbol> CallbacksIn(INamedTypeSymbol type, EngineSymbols engine) => type
        .GetMembers().OfType<IMethodSymbol>().Where(engine.IsCallback)
        .Concat(type.GetTypeMembers().SelectMany(inner => CallbacksIn(inner, engine)));

    private static void Report(SymbolAnalysisContext context, CallGraph graph, IMethodSymbol[] callbacks)
    {
        var reported = new HashSet<SyntaxNode>();
        foreach (IMethodSymbol callback in callbacks)
        {
            HashSet<ISymbol> reachable = graph.ReachableFrom(callback);
            foreach (CallGraph.Wait wait in graph.Waits)
            {
                if (reachable.Contains(wait.Function) && reported.Add(wait.Invocation.Syntax))
                    context.ReportDiagnostic(Describe(wait, callback));
            }
        }
    }

    private static Diagnostic Describe(CallGraph.Wait wait, IMethodSymbol callback)
    {
        bool isCertain = SymbolEqualityComparer.Default.Equals(wait.Function, callback) && CertainHang.Is(wait.Invocation, callback);
        string name = wait.Invocation.TargetMethod.Name;
        return Diagnostic.Create(
            Descriptor,
            wait.Invocation.Syntax.GetLocation(),
            isCertain ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
            additionalLocations: null,
            properties: null,
            name,
            callback.Name,
            Advice(name));
    }

    private static string Advice(string name) => name switch
    {
        "Remove" or "RemoveAsync" => "use RemoveDeferred",
        "ReadBegin" or "ReadBeginAsync" => "use ReadBeginNoWait",
        _ => "do it outside of all callbacks",
    };
}
