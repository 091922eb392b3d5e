using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <content>Waits, blocking and awaitable; each can be given up without leaving anything behind.</content>
public sealed partial class AddressSpace
{
    /// <summary>Waits for the signal of a waiter that was queued. However the wait ends, the waiter is not queued any more.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the signal came.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted before the signal came.</exception>
    private void WaitOrWithdraw(BlockingWaiter waiter, ref WaiterQueue queue, WaitKind kind, CancellationToken cancellationToken)
    {
        _lock.AssertNotHeld();
        WaitEnd end;
        long begun = Metrics.BeginWait();
        try
        {
            end = waiter.Wait(cancellationToken);
        }
        catch
        {
            // The waiter is used again by this thread's next wait; it must not be signalled for this one.
            Withdraw(waiter, ref queue);
            throw;
        }
        finally
        {
            Metrics.EndWait(begun, kind);
        }

        if (end == WaitEnd.Signalled)
            return;
        if (Withdraw(waiter, ref queue))
            ThrowGivenUp(end, cancellationToken);
        if (end == WaitEnd.Interrupted)
            Interrupts.RaiseAgain(); // The wait has succeeded all the same; the interrupt is for the thread's next one.
    }

    [DoesNotReturn]
    private static void ThrowGivenUp(WaitEnd end, CancellationToken cancellationToken) => throw (end == WaitEnd.Cancelled
        ? new OperationCanceledException(cancellationToken)
        : new ThreadInterruptedException());

    /// <summary>False if the waiter was signalled before it could be withdrawn: then the wait succeeded.</summary>
    private bool Withdraw(Waiter waiter, ref WaiterQueue queue)
    {
        using (_lock.Hold())
            return queue.Withdraw(waiter);
    }
}
