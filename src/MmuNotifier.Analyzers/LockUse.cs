using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>Operations that take or let go a lock, and the lock that they take.</summary>
internal readonly struct LockUse
{
    private LockUse(IOperation? value)
    {
        Name = LockName.Of(value);
    }

    /// <summary>Null if it is not known which lock it is.</summary>
    internal ISymbol? Name { get; }

    /// <summary>What an operation takes: a lock statement, a using of a scope that stands for a lock, or a call that enters one.</summary>
    internal static IEnumerable<LockUse> TakenBy(IOperation operation)
    {
        switch (operation)
        {
            case ILockOperation locked:
                return [new LockUse(locked.LockedValue)];
            case IUsingOperation scope:
                return ScopesIn(scope.Resources);
            case IUsingDeclarationOperation scope:
                return ScopesIn(scope.DeclarationGroup);
            case IInvocationOperation call when IsEntering(call.TargetMethod):
                return [new LockUse(TargetOf(call))];
            default:
                return [];
        }
    }

    /// <summary>Whether a call enters a lock of System.Threading that another call exits.</summary>
    internal static bool IsEntering(IMethodSymbol method) => IsOfLock(method)
        && (StartsWith(method, "Enter") || StartsWith(method, "TryEnter") || StartsWith(method, "Wait"))
        && method.Name != "EnterScope";

    internal static bool IsExiting(IMethodSymbol method) =>
        IsOfLock(method) && (StartsWith(method, "Exit") || StartsWith(method, "Release"));

    internal static ISymbol? NameIn(IInvocationOperation call) => LockName.Of(TargetOf(call));

    internal static bool IsOfLock(IMethodSymbol method) =>
        method.ContainingType is
        {
            Name: "Monitor" or "Lock" or "SpinLock" or "ReaderWriterLockSlim" or "SemaphoreSlim" or "Mutex" or "WaitHandle",
        } type
        && type.ContainingNamespace.ToDisplayString() == "System.Threading";

    /// <remarks>Own locks have their own words for what Lock.EnterScope does.</remarks>
    internal static bool SoundsLikeLocking(IMethodSymbol method) =>
        StartsWith(method, "Enter") || StartsWith(method, "Lock") || StartsWith(method, "Hold") || StartsWith(method, "Acquire");

    private static IEnumerable<LockUse> ScopesIn(IOperation resources)
    {
        foreach (IOperation value in ResourcesIn(resources))
        {
            if (WithoutAwait(value) is IInvocationOperation call && SoundsLikeLocking(call.TargetMethod))
                yield return new LockUse(TargetOf(call));
        }
    }

    private static IEnumerable<IOperation> ResourcesIn(IOperation resources) => resources is IVariableDeclarationGroupOperation group
        ? group.Descendants().OfType<IVariableInitializerOperation>().Select(initializer => initializer.Value)
        : [resources];

    private static IOperation WithoutAwait(IOperation value) => value.WithoutConversions() switch
    {
        IAwaitOperation { Operation: IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } task } } => task,
        IAwaitOperation awaited => awaited.Operation,
        var other => other,
    };

    /// <summary>The lock is the instance, or for Monitor and extensions the first argument.</summary>
    private static IOperation? TargetOf(IInvocationOperation call) => call.Instance ?? call.Arguments.FirstOrDefault()?.Value;

    private static bool StartsWith(IMethodSymbol method, string word) => method.Name.StartsWith(word, StringComparison.Ordinal);
}
