namespace MmuNotifier;

/// <summary>
/// A thread or task that waits for one event of one notifier or space. Queued, signalled and withdrawn under the engine lock only, so that
/// a waiter is signalled exactly when it is unqueued, and one that has been withdrawn is never signalled afterwards.
/// </summary>
internal abstract class Waiter
{
    public WaiterLinks QueueLinks;

    public WaiterLinks BlockerLinks;

    private ActiveInvalidation? _blocker;

    public bool IsQueued { get; set; }

    /// <summary>For read sections: the notifier that it reads through. Null while the waiter is not queued.</summary>
    public IntervalNotifier? Notifier { get; private set; }

    /// <summary>For read sections: what must be free of invalidations.</summary>
    public ReadRequest Request { get; private set; }

    /// <summary>For Synchronize: the last removal that must have been released.</summary>
    public long RemovalNumber { get; set; }

    /// <summary>
    /// For read sections: what the wait ended with. Made under the engine lock, so that a dense stream cannot starve the reader.
    /// </summary>
    public ReadSection Section { get; set; }

    /// <summary>After a wait: keeps nothing alive that it was for.</summary>
    public void Forget() => Section = default;

    /// <summary>Wakes the waiting thread or task. Called under the engine lock; takes the waiter's own monitor at most.</summary>
    public abstract void Signal();

    /// <summary>A reader waits for the end of an invalidation, which takes the lock: see <see cref="WaitingReaders"/>.</summary>
    public void WaitFor(ActiveInvalidation blocker, IntervalNotifier notifier, in ReadRequest request)
    {
        LeaveBlocker();
        Notifier = notifier;
        Request = request;
        _blocker = blocker;
        blocker.BlockedReaders.Add(this);
    }

    /// <summary>Nobody's end looks after the reader any more. Harmless for one that waits for no invalidation.</summary>
    public void LeaveBlocker()
    {
        _blocker?.BlockedReaders.Remove(this);
        _blocker = null;
        Notifier = null;
    }
}
