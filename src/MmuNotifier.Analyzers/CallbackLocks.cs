using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>
/// Which locks the callbacks of a compilation take: in themselves, in the methods of notifiers that they call, and one call further.
/// </summary>
/// <remarks>The compiler adds operations concurrently and reads when all are added.</remarks>
internal sealed class CallbackLocks(EngineSymbols engine)
{
    private readonly ConcurrentBag<(ISymbol Member, ISymbol? Lock)> _taken = [];
    private readonly ConcurrentBag<(ISymbol Caller, ISymbol Callee)> _calls = [];

    internal void Add(IOperation operation, ISymbol member)
    {
        foreach (LockUse use in LockUse.TakenBy(operation))
            _taken.Add((member, use.Name));
        if (operation is IInvocationOperation call && engine.IsNotifier(member.ContainingType))
            _calls.Add((member, call.TargetMethod.OriginalDefinition));
    }

    /// <summary>The locks that a callback takes; none if one cannot be named, for then no lock is known to be wrong.</summary>
    internal IReadOnlyCollection<ISymbol> Of(IMethodSymbol callback)
    {
        HashSet<ISymbol> reached = Reachable.From(callback.OriginalDefinition, _calls);
        var locks = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach ((ISymbol member, ISymbol? name) in _taken)
        {
            if (!reached.Contains(member))
                continue;
            if (name is null)
                return [];
            locks.Add(name);
        }

        return [.. locks.OrderBy(name => name.Name, StringComparer.Ordinal)];
    }
}
