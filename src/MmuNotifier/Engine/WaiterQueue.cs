namespace MmuNotifier;

/// <summary>The waiters for one kind of event, in order of arrival. Guarded by the engine lock.</summary>
internal struct WaiterQueue
{
    private Waiter? _first;

    public readonly bool IsEmpty => _first is null;

    public void Enqueue(Waiter waiter)
    {
        waiter.Next = null;
        waiter.IsQueued = true;
        if (_first is null)
        {
            _first = waiter;
            return;
        }

        Waiter last = _first;
        while (last.Next is not null)
            last = last.Next;
        last.Next = waiter;
    }

    /// <summary>Takes out a waiter that gave up. False if it was signalled before.</summary>
    public bool Withdraw(Waiter waiter)
    {
        if (!waiter.IsQueued)
            return false;
        if (ReferenceEquals(_first, waiter))
        {
            _first = waiter.Next;
        }
        else
        {
            Waiter previous = _first!;
            while (!ReferenceEquals(previous.Next, waiter))
                previous = previous.Next!;
            previous.Next = waiter.Next;
        }

        waiter.IsQueued = false;
        return true;
    }

    public void SignalAll()
    {
        var any = default(AnyWaiter);
        SignalWhere(ref any);
    }

    public void SignalWhere<TCondition>(ref TCondition condition)
        where TCondition : struct, IWaiterCondition
    {
        Waiter? previous = null;
        Waiter? waiter = _first;
        while (waiter is not null)
        {
            Waiter? next = waiter.Next;
            if (condition.IsMet(waiter))
            {
                if (previous is null)
                    _first = next;
                else
                    previous.Next = next;
                waiter.IsQueued = false;
                waiter.Signal();
            }
            else
            {
                previous = waiter;
            }

            waiter = next;
        }
    }

    private readonly struct AnyWaiter : IWaiterCondition
    {
        public bool IsMet(Waiter waiter) => true;
    }
}
