namespace MmuNotifier;

/// <content>Waits, blocking and awaitable; each can be given up without leaving anything behind.</content>
public sealed partial class AddressSpace
{
    private void WaitOrWithdraw(BlockingWaiter waiter, ref WaiterQueue queue, CancellationToken cancellationToken)
    {
        _lock.AssertNotHeld();
        try
        {
            if (!waiter.Wait(cancellationToken) && Withdraw(waiter, ref queue))
                throw new OperationCanceledException(cancellationToken);
        }
        catch (ThreadInterruptedException)
        {
            // The waiter is used again by this thread's next wait; it must not be signalled for this one.
            Withdraw(waiter, ref queue);
            throw;
        }
    }

    /// <summary>False if the waiter was signalled before it could be withdrawn: then the wait succeeded.</summary>
    private bool Withdraw(Waiter waiter, ref WaiterQueue queue)
    {
        using (_lock.Hold())
            return queue.Withdraw(waiter);
    }
}
