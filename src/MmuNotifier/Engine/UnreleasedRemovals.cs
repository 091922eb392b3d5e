namespace MmuNotifier;

/// <summary>Removed notifiers of an address space until they are released, and who waits for that.</summary>
/// <remarks>All fields are guarded by the engine lock.</remarks>
internal sealed class UnreleasedRemovals(EngineLock engineLock, ReleaseWorkers releaseWorkers)
{
    /// <summary>How many removals there were: the number of the last.</summary>
    private long _lastNumber;

    /// <summary>In ascending order of their numbers.</summary>
    private Removal? _first;
    private Removal? _last;

    /// <summary>In order of arrival, so in ascending order of the removals that they wait for.</summary>
    private WaiterQueue _waiters;

    /// <summary>Those that wait for the release of all that were removed before them.</summary>
    public ref WaiterQueue Waiters => ref _waiters;

    /// <summary>Queues a waiter behind the removals that there were so far. False if all of them have been released.</summary>
    public bool TryQueue(Waiter waiter)
    {
        engineLock.AssertHeld();
        if (_first is null)
            return false;
        waiter.RemovalNumber = _lastNumber;
        _waiters.Enqueue(waiter);
        return true;
    }

    /// <summary>A notifier was removed, and there is something left to do for it.</summary>
    public void Add(Notifier notifier)
    {
        engineLock.AssertHeld();
        Removal removal = notifier.MakeRemoval(++_lastNumber);
        removal.PreviousUnreleased = _last;
        if (_last is null)
            _first = removal;
        else
            _last.NextUnreleased = removal;
        _last = removal;
    }

    /// <summary>If no callback of a removed notifier is left, its removers go on and it is released once no find holds it.</summary>
    public void CompleteIfQuiet(Notifier notifier)
    {
        engineLock.AssertHeld();
        if (notifier.State != NotifierState.Removing || !notifier.HasNoCallbacks)
            return;
        if (notifier.HasMissingEnds)
        {
            releaseWorkers.Enqueue(notifier.Removal!);
            return;
        }

        MarkQuiet(notifier);
        ReleaseIfUnheld(notifier);
    }

    /// <summary>One that does not override Released has nothing to be called; it is released on the spot.</summary>
    public void ReleaseIfUnheld(Notifier notifier)
    {
        engineLock.AssertHeld();
        if (notifier.FindHolds > 0)
            return;
        if (notifier.HandlesReleased)
            releaseWorkers.Enqueue(notifier.Removal!);
        else
            MarkReleased(notifier);
    }

    /// <summary>A call that the removal of a notifier waits for has finished.</summary>
    public void NoteFinishedCall(IntervalNotifier removed)
    {
        engineLock.AssertHeld();
        removed.Removal!.AwaitedHitCount--;
        CompleteIfQuiet(removed);
    }

    /// <summary>No callback is left: the removers go on.</summary>
    public void MarkQuiet(Notifier notifier)
    {
        engineLock.AssertHeld();
        notifier.MarkQuiet();
        notifier.Removal!.Waiters.SignalAll();
    }

    public void MarkReleased(Notifier notifier)
    {
        engineLock.AssertHeld();
        notifier.MarkReleased();
        TakeOut(notifier.Removal!);
        long firstUnreleased = _first?.Number ?? long.MaxValue;
        while (_waiters.First is { } waiter && waiter.RemovalNumber < firstUnreleased)
            _waiters.Signal(waiter);
    }

    private void TakeOut(Removal removal)
    {
        if (removal.PreviousUnreleased is null)
            _first = removal.NextUnreleased;
        else
            removal.PreviousUnreleased.NextUnreleased = removal.NextUnreleased;
        if (removal.NextUnreleased is null)
            _last = removal.PreviousUnreleased;
        else
            removal.NextUnreleased.PreviousUnreleased = removal.PreviousUnreleased;
        removal.PreviousUnreleased = null;
        removal.NextUnreleased = null;
    }
}
