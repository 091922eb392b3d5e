using Microsoft.CodeAnalysis;

namespace MmuNotifier.Analyzers;

/// <summary>What is called, at first or at last, from one symbol.</summary>
internal static class Reachable
{
    internal static HashSet<ISymbol> From(ISymbol start, IEnumerable<(ISymbol Caller, ISymbol Callee)> calls)
    {
        ILookup<ISymbol, ISymbol> callees = calls.ToLookup(call => call.Caller, call => call.Callee, SymbolEqualityComparer.Default);
        var reached = new HashSet<ISymbol>(SymbolEqualityComparer.Default) { start };
        var open = new Queue<ISymbol>(reached);
        while (open.Count > 0)
        {
            foreach (ISymbol callee in callees[open.Dequeue()])
            {
                if (reached.Add(callee))
                    open.Enqueue(callee);
            }
        }

        return reached;
    }
}
