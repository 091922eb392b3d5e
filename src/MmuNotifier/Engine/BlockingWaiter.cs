namespace MmuNotifier;

/// <summary>A thread that waits. One per thread, used again and again: a thread waits for one thing at a time.</summary>
internal sealed class BlockingWaiter : Waiter
{
    [ThreadStatic]
    private static BlockingWaiter? t_current;

    private readonly WaitMonitor _monitor = new();
    private bool _signalled;
    private bool _cancelled;

    public static BlockingWaiter ForThisThread()
    {
        BlockingWaiter waiter = t_current ??= new BlockingWaiter();
        waiter._signalled = false;
        waiter._cancelled = false;
        return waiter;
    }

    public override void Signal()
    {
        using (_monitor.Hold())
        {
            _signalled = true;
            _monitor.Pulse();
        }
    }

    /// <summary>
    /// Waits for the signal. Whatever ends the wait, when this returns no cancellation of it comes any more, and the next wait of the
    /// thread may begin.
    /// </summary>
    public WaitEnd Wait(CancellationToken cancellationToken)
    {
        // Disposing the watch waits for a Cancel that is running; that one takes nothing but the monitor, which is free by then.
        using var watch = new CancellationWatch(static state => ((BlockingWaiter)state!).Cancel(), this, cancellationToken);
        using (_monitor.Hold())
        {
            try
            {
                while (!_signalled && !_cancelled)
                    _monitor.Wait(Timeout.InfiniteTimeSpan);
                return _signalled ? WaitEnd.Signalled : WaitEnd.Cancelled;
            }
            catch (ThreadInterruptedException)
            {
                return WaitEnd.Interrupted;
            }
        }
    }

    private void Cancel()
    {
        using (_monitor.Hold())
        {
            _cancelled = true;
            _monitor.Pulse();
        }
    }
}
