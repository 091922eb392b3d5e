using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MmuNotifier.Analyzers;

/// <summary>The locks that are held where an operation runs, as far as its own function shows.</summary>
internal sealed class HeldLocks
{
    private readonly HashSet<ISymbol> _names = new(SymbolEqualityComparer.Default);

    private HeldLocks()
    {
    }

    /// <summary>Whether another lock may be held, that cannot be named.</summary>
    internal bool MayHoldOther { get; private set; }

    internal bool HoldsAnyOf(IEnumerable<ISymbol> names) => _names.Overlaps(names);

    internal static HeldLocks At(IOperation operation)
    {
        IOperation? function = operation.EnclosingFunction();
        // Who calls a lambda or a local function may hold a lock around it.
        var held = new HeldLocks { MayHoldOther = function is not null };
        for (IOperation inner = operation; inner.Parent is { } outer && inner != function; inner = outer)
        {
            if (outer is ILockOperation locked && locked.Body == inner)
                held.Add(LockUse.TakenBy(locked));
            else if (outer is IUsingOperation scope && scope.Body == inner)
                held.Add(LockUse.TakenBy(scope));
            else if (outer is IBlockOperation block)
                held.AddDeclaredScopes(block, inner);
        }

        held.AddEntered(operation, function);
        return held;
    }

    private void AddDeclaredScopes(IBlockOperation block, IOperation before)
    {
        foreach (IOperation statement in block.Operations.TakeWhile(statement => statement != before))
        {
            if (statement is IUsingDeclarationOperation)
                Add(LockUse.TakenBy(statement));
        }
    }

    /// <summary>Locks entered above and not exited before: by a call each, so the order in the text decides.</summary>
    private void AddEntered(IOperation operation, IOperation? function)
    {
        IOperation root = function ?? operation.Root();
        var entered = new List<IInvocationOperation>();
        foreach (IInvocationOperation call in root.Descendants().OfType<IInvocationOperation>())
        {
            if (call.Syntax.SpanStart >= operation.Syntax.SpanStart || call.EnclosingFunction() != function)
                continue;
            if (LockUse.IsEntering(call.TargetMethod))
                entered.Add(call);
            else if (LockUse.IsExiting(call.TargetMethod) && LiesOnTheWay(call, operation))
                entered.RemoveAll(enter => SymbolEqualityComparer.Default.Equals(LockUse.NameIn(enter), LockUse.NameIn(call)));
            else
                MayHoldOther |= LockUse.SoundsLikeLocking(call.TargetMethod) && !LockUse.IsOfLock(call.TargetMethod);
        }

        foreach (IInvocationOperation enter in entered)
            Add(LockUse.TakenBy(enter));
    }

    /// <summary>An exit in a branch that the operation is not in was not passed; one in a finally was.</summary>
    private static bool LiesOnTheWay(IOperation exit, IOperation operation)
    {
        IOperation? block = exit.Parent;
        while (block is not null && (block is not IBlockOperation || block.Parent is ITryOperation { Finally: { } last } && last == block))
            block = block.Parent;
        return block is null || operation.IsInside(block);
    }

    private void Add(IEnumerable<LockUse> uses)
    {
        foreach (LockUse use in uses)
        {
            if (use.Name is { } name)
                _names.Add(name);
            else
                MayHoldOther = true;
        }
    }
}
