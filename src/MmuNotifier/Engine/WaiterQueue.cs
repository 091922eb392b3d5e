namespace MmuNotifier;

/// <summary>The waiters for one kind of event, in order of arrival. Guarded by the engine lock.</summary>
internal struct WaiterQueue
{
    private WaiterList<InQueue> _waiters;

    public readonly bool IsEmpty => First is null;

    public readonly Waiter? First => _waiters.First;

    /// <summary>The one behind a waiter of this queue; null behind the last.</summary>
    public readonly Waiter? After(Waiter waiter) => _waiters.After(waiter);

    public void Enqueue(Waiter waiter)
    {
        waiter.IsQueued = true;
        _waiters.Add(waiter);
    }

    /// <summary>Takes out a waiter that gave up. False if it was signalled before.</summary>
    public bool Withdraw(Waiter waiter)
    {
        if (!waiter.IsQueued)
            return false;
        Unqueue(waiter);
        return true;
    }

    /// <summary>Takes out a waiter of this queue and wakes it.</summary>
    public void Signal(Waiter waiter)
    {
        Unqueue(waiter);
        waiter.Signal();
    }

    public void SignalAll()
    {
        while (First is { } waiter)
            Signal(waiter);
    }

    private void Unqueue(Waiter waiter)
    {
        waiter.IsQueued = false;
        _waiters.Remove(waiter);
        waiter.LeaveBlocker();
    }
}
