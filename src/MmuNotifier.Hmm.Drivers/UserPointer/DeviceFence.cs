namespace MmuNotifier.Hmm.Drivers;

/// <summary>Tells when a job of the device has ended (<c>dma_fence</c>).</summary>
/// <param name="endAsked">For tests: called when the device is asked to end the job.</param>
internal sealed class DeviceFence(Action? endAsked)
{
    private readonly WaitMonitor _monitor = new();
    private bool _isSignalled;

    /// <summary>
    /// Asks the device to end the job soon (<c>enable_signaling</c>): for example, to take it off the hardware. Does not wait.
    /// </summary>
    public void AskToEnd() => endAsked?.Invoke();

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
