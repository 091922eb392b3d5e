namespace MmuNotifier;

/// <content>Removal, release, and the barrier for both.</content>
public sealed partial class AddressSpace
{
    private long _removals;
    private Notifier? _firstUnreleased;
    private Notifier? _lastUnreleased;
    private WaiterQueue _synchronizeWaiters;

    /// <summary>
    /// Waits until every notifier that was removed before this call has been released, its <see cref="Notifier.Released"/> returned
    /// (<c>mmu_notifier_synchronize</c>): the barrier before what the notifiers use goes away.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <remarks>Not from inside a callback, second step or Released of this space, and not under a lock that one of them takes.</remarks>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public void Synchronize(CancellationToken cancellationToken = default)
    {
        BlockingWaiter waiter = BlockingWaiter.ForThisThread();
        if (TryQueueSynchronize(waiter))
            WaitOrWithdraw(waiter, ref _synchronizeWaiters, cancellationToken);
    }

    /// <summary>As <see cref="Synchronize"/>, awaitable.</summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    public Task SynchronizeAsync(CancellationToken cancellationToken = default)
    {
        var waiter = new AsyncWaiter();
        return TryQueueSynchronize(waiter)
            ? waiter.WaitAsync(w => Withdraw(w, ref _synchronizeWaiters), cancellationToken)
            : Task.CompletedTask;
    }

    internal bool RemoveDeferred(Notifier notifier)
    {
        using (_lock.Hold())
            return RemoveLocked(notifier);
    }

    internal void RemoveAndWait(Notifier notifier, CancellationToken cancellationToken)
    {
        BlockingWaiter waiter = BlockingWaiter.ForThisThread();
        if (RemoveAndQueue(notifier, waiter))
            WaitOrWithdraw(waiter, ref notifier.RemovalWaiters, cancellationToken);
    }

    internal Task RemoveAsync(Notifier notifier, CancellationToken cancellationToken)
    {
        var waiter = new AsyncWaiter();
        return RemoveAndQueue(notifier, waiter)
            ? waiter.WaitAsync(w => Withdraw(w, ref notifier.RemovalWaiters), cancellationToken)
            : Task.CompletedTask;
    }

    /// <summary>Called by the release worker. False if a find still holds the notifier: the last hold queues it again.</summary>
    internal bool TryBeginReleased(Notifier notifier)
    {
        using (_lock.Hold())
        {
            MarkQuiet(notifier);
            return notifier.FindHolds == 0;
        }
    }

    internal void FinishReleased(Notifier notifier)
    {
        using (_lock.Hold())
        {
            notifier.MarkReleased();
            UnlistUnreleased(notifier);
            var released = new ReleasedUpTo(_firstUnreleased?.RemovalNumber ?? long.MaxValue);
            _synchronizeWaiters.SignalWhere(ref released);
        }
    }

    private bool RemoveAndQueue(Notifier notifier, Waiter waiter)
    {
        using (_lock.Hold())
        {
            RemoveLocked(notifier);
            if (notifier.State != NotifierState.Removing)
                return false;
            notifier.RemovalWaiters.Enqueue(waiter);
            return true;
        }
    }

    private bool RemoveLocked(Notifier notifier)
    {
        _lock.AssertHeld();
        if (notifier.State != NotifierState.Inserted)
            return false;
        notifier.MarkRemoving(++_removals);
        ListUnreleased(notifier);
        if (notifier is IntervalNotifier intervalNotifier)
            Withdraw(intervalNotifier);
        else
            Withdraw((WholeSpaceNotifier)notifier);
        return true;
    }

    private void Withdraw(IntervalNotifier notifier)
    {
        _tree.Remove(notifier);
        notifier.Gate = notifier.Gate.AsRemoved;
        notifier.BumpSequence();
        WakeReaders(notifier);
        Hit? next;
        for (Hit? hit = notifier.FirstHit; hit is not null; hit = next)
        {
            next = hit.NextOfNotifier;
            // Due: called off. Running: its walker unlinks it when it is done. Done, but its walk goes on: nothing to wait for.
            if (hit.TryCancel() || !hit.TryAwait())
                notifier.UnlinkHit(hit);
        }

        CompleteRemovalIfQuiet(notifier);
    }

    /// <summary>If no callback of a removed notifier is left, its removers go on and it is released once no find holds it.</summary>
    private void CompleteRemovalIfQuiet(Notifier notifier)
    {
        _lock.AssertHeld();
        if (notifier.State != NotifierState.Removing || !notifier.HasNoCallbacks)
            return;
        if (notifier.HasMissingEnds)
        {
            ReleaseWorkers.Enqueue(notifier);
            return;
        }

        MarkQuiet(notifier);
        if (notifier.FindHolds == 0)
            ReleaseWorkers.Enqueue(notifier);
    }

    private void MarkQuiet(Notifier notifier)
    {
        _lock.AssertHeld();
        notifier.MarkQuiet();
        notifier.RemovalWaiters.SignalAll();
    }

    private bool TryQueueSynchronize(Waiter waiter)
    {
        using (_lock.Hold())
        {
            if (_firstUnreleased is null)
                return false;
            waiter.RemovalNumber = _removals;
            _synchronizeWaiters.Enqueue(waiter);
            return true;
        }
    }

    private void ListUnreleased(Notifier notifier)
    {
        notifier.PreviousUnreleased = _lastUnreleased;
        if (_lastUnreleased is null)
            _firstUnreleased = notifier;
        else
            _lastUnreleased.NextUnreleased = notifier;
        _lastUnreleased = notifier;
    }

    private void UnlistUnreleased(Notifier notifier)
    {
        if (notifier.PreviousUnreleased is null)
            _firstUnreleased = notifier.NextUnreleased;
        else
            notifier.PreviousUnreleased.NextUnreleased = notifier.NextUnreleased;
        if (notifier.NextUnreleased is null)
            _lastUnreleased = notifier.PreviousUnreleased;
        else
            notifier.NextUnreleased.PreviousUnreleased = notifier.PreviousUnreleased;
        notifier.PreviousUnreleased = null;
        notifier.NextUnreleased = null;
    }

    private readonly struct ReleasedUpTo(long firstUnreleased) : IWaiterCondition
    {
        public bool IsMet(Waiter waiter) => waiter.RemovalNumber < firstUnreleased;
    }
}
