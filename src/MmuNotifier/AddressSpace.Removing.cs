namespace MmuNotifier;

/// <content>Removal, release, and the barrier for both.</content>
public sealed partial class AddressSpace
{
    private long _removals;
    private Removal? _firstUnreleased;
    private Removal? _lastUnreleased;
    private WaiterQueue _synchronizeWaiters;

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
            WaitOrWithdraw(waiter, ref _synchronizeWaiters, cancellationToken);
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
        RequireMayCall(WaitingCall.Remove);
        BlockingWaiter waiter = BlockingWaiter.ForThisThread();
        if (RemoveAndQueue(notifier, waiter))
            WaitOrWithdraw(waiter, ref notifier.Removal!.Waiters, cancellationToken);
    }

    internal Task RemoveAsync(Notifier notifier, CancellationToken cancellationToken)
    {
        RequireMayCall(WaitingCall.RemoveAsync);
        var waiter = new AsyncWaiter();
        return RemoveAndQueue(notifier, waiter)
            ? waiter.WaitAsync(w => Withdraw(w, ref notifier.Removal!.Waiters), cancellationToken)
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
            MarkReleased(notifier);
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
            long version = BeginEdit();
            BeginRemoval(intervalNotifier);
            EndEdit(version);
            Withdraw(intervalNotifier);
            return true;
        }

        notifier.MarkRemoving();
        ListUnreleased(notifier);
        Withdraw((WholeSpaceNotifier)notifier);
        return true;
    }

    /// <summary>What is left to do for a notifier that is out of the tree.</summary>
    private void Withdraw(IntervalNotifier notifier)
    {
        notifier.MarkRemoved();
        WakeReaders(notifier);
        TakeHitsBack(notifier);
        if (notifier.HasNoCallbacks && notifier.FindHolds == 0 && !notifier.HandlesReleased)
        {
            notifier.MarkReleased();
            return;
        }

        ListUnreleased(notifier);
        CompleteRemovalIfQuiet(notifier);
    }

    /// <summary>
    /// Calls off what is due to a notifier that is out of the tree, and notes what the removal has to wait for. The edit made a full fence:
    /// a start that it does not find in the list sees that the version has moved.
    /// </summary>
    private void TakeHitsBack(IntervalNotifier notifier)
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            ActiveState state = active.State;
            if (!state.IsActive)
                continue;
            TakeOrderedHitBack(active, state.Generation, notifier);
            for (InheritedHit? hit = active.InheritedHits.LastOf(notifier); hit is not null; hit = hit.Earlier)
                TakeBackOrAwait(hit);
        }

        _formerPlaces.Forget(notifier);
    }

    /// <remarks>The walk makes each step of an inherited call under the lock, so it will see this.</remarks>
    private static void TakeBackOrAwait(InheritedHit hit)
    {
        if (hit.Phase == InheritedPhase.Pending)
            hit.CallOff();
        if (hit.Phase is not (InheritedPhase.Running or InheritedPhase.SecondStepTaken))
            return;
        hit.IsAwaited = true;
        hit.Notifier.AwaitHit();
    }

    private void TakeOrderedHitBack(ActiveInvalidation active, long generation, IntervalNotifier notifier)
    {
        int position = FindHit(active, notifier);
        if (position < 0)
        {
            // Perhaps because the object is in its next use, which was seen in fields that order nothing: what the last one did must be
            // seen.
            Fence.Full();
            return;
        }

        if (active.Cursor < position)
        {
            active.TakeBack(position, generation);
            FenceAgainstWalkerOf(active);
            if (active.Cursor < position)
                return;
        }

        Await(active, generation, new AwaitedCall(notifier, position));
    }

    private static void Await(ActiveInvalidation active, long generation, AwaitedCall call)
    {
        active.AwaitedCalls.Add(call);
        active.AskFor(Attention.Removals);
        FenceAgainstWalkerOf(active);

        // In this order: a use of the object that has ended can look unfinished, but only when the generation has moved.
        if (!active.HasFinished(call.Position) && active.State.Generation == generation)
            call.Notifier.AwaitHit();
        else
            active.AwaitedCalls.RemoveAt(active.AwaitedCalls.Count - 1);
    }

    /// <summary>
    /// The rare side of the pairs at <see cref="ActiveInvalidation.Cursor"/>: what was written before is seen by the walker's next look, or
    /// what the walker wrote before its last look is seen by us.
    /// </summary>
    private static void FenceAgainstWalkerOf(ActiveInvalidation active)
    {
        if (active.OwnerIndex != ThreadIndex.Current)
            Fence.ProcessWide();
    }

    /// <summary>If no callback of a removed notifier is left, its removers continue and it is released once no find holds it.</summary>
    private void CompleteRemovalIfQuiet(Notifier notifier)
    {
        _lock.AssertHeld();
        if (notifier.State != NotifierState.Removing || !notifier.HasNoCallbacks)
            return;
        if (notifier.HasMissingEnds)
        {
            _releaseWorkers.Enqueue(notifier.Removal!);
            return;
        }

        MarkQuiet(notifier);
        ReleaseIfUnheld(notifier);
    }

    /// <summary>One that does not override Released has nothing to be called; it is released on the spot.</summary>
    private void ReleaseIfUnheld(Notifier notifier)
    {
        if (notifier.FindHolds > 0)
            return;
        if (notifier.HandlesReleased)
            _releaseWorkers.Enqueue(notifier.Removal!);
        else
            MarkReleased(notifier);
    }

    private void MarkReleased(Notifier notifier)
    {
        _lock.AssertHeld();
        notifier.MarkReleased();
        UnlistUnreleased(notifier.Removal!);

        // In order of arrival, so in ascending order of what they wait for.
        long firstUnreleased = _firstUnreleased?.Number ?? long.MaxValue;
        while (_synchronizeWaiters.First is { } waiter && waiter.RemovalNumber < firstUnreleased)
            _synchronizeWaiters.Signal(waiter);
    }

    private void MarkQuiet(Notifier notifier)
    {
        _lock.AssertHeld();
        notifier.MarkQuiet();
        notifier.Removal!.Waiters.SignalAll();
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
        Removal removal = notifier.MakeRemoval(++_removals);
        removal.PreviousUnreleased = _lastUnreleased;
        if (_lastUnreleased is null)
            _firstUnreleased = removal;
        else
            _lastUnreleased.NextUnreleased = removal;
        _lastUnreleased = removal;
    }

    private void UnlistUnreleased(Removal removal)
    {
        if (removal.PreviousUnreleased is null)
            _firstUnreleased = removal.NextUnreleased;
        else
            removal.PreviousUnreleased.NextUnreleased = removal.NextUnreleased;
        if (removal.NextUnreleased is null)
            _lastUnreleased = removal.PreviousUnreleased;
        else
            removal.NextUnreleased.PreviousUnreleased = removal.PreviousUnreleased;
        removal.PreviousUnreleased = null;
        removal.NextUnreleased = null;
    }
}
