namespace MmuNotifier;

/// <summary>
/// Somebody who waits for one event of one notifier or space. Queued, signalled and withdrawn under the engine lock only, so that a
/// waiter is signalled exactly when it is unqueued, and one that has been withdrawn is never signalled afterwards.
/// </summary>
internal abstract class Waiter
{
    public Waiter? Next { get; set; }

    public bool IsQueued { get; set; }

    /// <summary>For read sections: what must be free of invalidations.</summary>
    public ReadRequest Request { get; set; }

    /// <summary>For Synchronize: the last removal that must have been released.</summary>
    public long RemovalNumber { get; set; }

    /// <summary>For read sections: what the wait ended with. Made under the engine lock, so that a dense stream cannot starve the reader.</summary>
    public ReadSection Section { get; set; }

    /// <summary>After a wait: keeps nothing alive that it was for.</summary>
    public void Forget() => Section = default;

    /// <summary>Lets the waiting thread or task go on. Called under the engine lock; takes the waiter's own monitor at most.</summary>
    public abstract void Signal();
}
