namespace MmuNotifier;

/// <content>Removal, release, and the barrier for both.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// Waits until every notifier that was removed before this call has been released, its <see cref="Notifier.Released"/> returned
    /// (<c>mmu_notifier_synchronize</c>): the barrier before what the notifiers use goes away.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <remarks>Not from inside a callback, second step or Released of this space, and not under a lock that one of them takes.</remarks>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted in the wait, which is given up as by the token.</exception>
    /// <exception cref="MisuseException">Validation is on, and the call could wait for ever here.</exception>
    public void Synchronize(CancellationToken cancellationToken = default)
    {
        RequireMayCall(WaitingCall.Synchronize);
        BlockingWaiter waiter = BlockingWaiter.ForThisThread();
        if (TryQueueSynchronize(waiter))
            WaitOrWithdraw(waiter, ref _removals.Waiters, WaitKind.Release, cancellationToken);
    }

    /// <summary>As <see cref="Synchronize"/>, awaitable.</summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <exception cref="MisuseException">
    /// As in <see cref="Synchronize"/>: the call is validated on the calling thread, and throws itself.
    /// </exception>
    public Task SynchronizeAsync(CancellationToken cancellationToken = default)
    {
        RequireMayCall(WaitingCall.SynchronizeAsync);
        var waiter = new AsyncWaiter();
        return TryQueueSynchronize(waiter)
            ? Metrics.Time(waiter.WaitAsync(w => Withdraw(w, ref _removals.Waiters), cancellationToken), WaitKind.Release)
            : Task.CompletedTask;
    }

    internal bool RemoveDeferred(Notifier notifier)
    {
        using (_lock.Hold())
            return RemoveLocked(notifier);
    }

    internal void RemoveAndWait(Notifier notifier, CancellationToken cancellationToken)
    {
        RequireMayCall(WaitingCall.Remove);
        BlockingWaiter waiter = BlockingWaiter.ForThisThread();
        if (RemoveAndQueue(notifier, waiter))
            WaitOrWithdraw(waiter, ref notifier.Removal!.Waiters, WaitKind.Removal, cancellationToken);
    }

    internal Task RemoveAsync(Notifier notifier, CancellationToken cancellationToken)
    {
        RequireMayCall(WaitingCall.RemoveAsync);
        var waiter = new AsyncWaiter();
        return RemoveAndQueue(notifier, waiter)
            ? Metrics.Time(waiter.WaitAsync(w => Withdraw(w, ref notifier.Removal!.Waiters), cancellationToken), WaitKind.Removal)
            : Task.CompletedTask;
    }

    /// <summary>Called by the release worker. False if a find still holds the notifier: the last hold queues it again.</summary>
    internal bool TryBeginReleased(Notifier notifier)
    {
        using (_lock.Hold())
        {
            _removals.MarkQuiet(notifier);
            return notifier.FindHolds == 0;
        }
    }

    internal void FinishReleased(Notifier notifier)
    {
        using (_lock.Hold())
            _removals.MarkReleased(notifier);
    }

    private bool RemoveAndQueue(Notifier notifier, Waiter waiter)
    {
        using (_lock.Hold())
        {
            RemoveLocked(notifier);
            if (notifier.State != NotifierState.Removing)
                return false;
            notifier.Removal!.Waiters.Enqueue(waiter);
            return true;
        }
    }

    private bool RemoveLocked(Notifier notifier)
    {
        _lock.AssertHeld();
        if (notifier.State != NotifierState.Inserted)
            return false;
        notifier.PrepareRemoval();
        if (notifier is IntervalNotifier intervalNotifier)
        {
            long version = _version.BeginEdit();
            BeginRemoval(intervalNotifier);
            _version.EndEdit(version);
            Withdraw(intervalNotifier);
            return true;
        }

        notifier.MarkRemoving();
        _removals.Add(notifier);
        Withdraw((WholeSpaceNotifier)notifier);
        return true;
    }

    /// <summary>What is left to do for a notifier that is out of the tree.</summary>
    private void Withdraw(IntervalNotifier notifier)
    {
        notifier.MarkRemoved();
        _readers.Wake(notifier);
        _owedCalls.TakeBack(notifier);
        if (notifier.HasNoCallbacks && notifier.FindHolds == 0 && !notifier.HandlesReleased)
        {
            notifier.MarkReleased();
            return;
        }

        _removals.Add(notifier);
        _removals.CompleteIfQuiet(notifier);
    }

    private bool TryQueueSynchronize(Waiter waiter)
    {
        using (_lock.Hold())
            return _removals.TryQueue(waiter);
    }
}
