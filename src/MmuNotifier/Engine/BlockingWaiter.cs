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

    /// <summary>Waits for the signal. False if the token was cancelled first; then the caller withdraws the waiter.</summary>
    public bool Wait(CancellationToken cancellationToken)
    {
        // Disposing the registration waits for a Cancel that is running; that one takes nothing but the monitor, which is free by then.
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static state => ((BlockingWaiter)state!).Cancel(), this);
        using (_monitor.Hold())
        {
            while (!_signalled && !_cancelled)
                _monitor.Wait(Timeout.InfiniteTimeSpan);
            return _signalled;
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
