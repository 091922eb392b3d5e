namespace MmuNotifier.Hmm.Drivers;

/// <summary>Tells when a job of the device has ended (<c>dma_fence</c>).</summary>
internal sealed class DeviceFence
{
    private readonly WaitMonitor _monitor = new();
    private bool _isSignalled;

    /// <summary>The job has ended.</summary>
    public void Signal()
    {
        using (_monitor.Hold())
        {
            _isSignalled = true;
            _monitor.Pulse();
        }
    }

    /// <summary>Waits for the end. Several may wait: each passes the pulse on.</summary>
    /// <exception cref="TimeoutException">The device hangs.</exception>
    public void Wait()
    {
        using (_monitor.Hold())
        {
            while (!_isSignalled)
            {
                if (!_monitor.Wait(TimeSpan.FromSeconds(30)) && !_isSignalled)
                    throw new TimeoutException("A job of the device has not ended for 30 s.");
            }

            _monitor.Pulse();
        }
    }
}
