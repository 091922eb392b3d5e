using System.Diagnostics;

namespace MmuNotifier.Registration;

/// <summary>
/// The cache's thread: releases what was retired by a thread that may not (one that reports changes), and scans the entries. Started with
/// the first entry; ends when the cache is disposed and nothing retired is left.
/// </summary>
/// <remarks>The monitor guards the fields. Under it only the cache's lock is taken. The work is done under no lock.</remarks>
internal sealed class ReleaseWorker
{
    /// <summary>A wait that is never needed in full: every change of what it waits for is signalled.</summary>
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Changes come in bunches. If this thread ran at each change, it would cost the changing thread more than the change itself, as a
    /// munmap has to interrupt the other processors on which the process runs.
    /// </summary>
    private static readonly TimeSpan s_gatherTime = TimeSpan.FromMilliseconds(5);

    private readonly WaitMonitor _monitor = new();
    private readonly Action _settle;
    private readonly Action _scan;
    private readonly Func<bool> _hasWork;
    private readonly TimeSpan? _scanInterval;

    /// <summary>Written under the monitor, also read without it.</summary>
    private bool _isStarted;

    private bool _isSignalled;
    private bool _isStopping;

    /// <param name="settle">What a signal asks for.</param>
    /// <param name="scan">What is done at each interval.</param>
    /// <param name="hasWork">Whether the thread is still needed when the cache is disposed.</param>
    /// <param name="scanInterval">Null: there are no scans.</param>
    /// <param name="isPassive">There is no thread: a test calls <see cref="TryTakeSignal"/>, and does the work.</param>
    public ReleaseWorker(Action settle, Action scan, Func<bool> hasWork, TimeSpan? scanInterval, bool isPassive)
    {
        _settle = settle;
        _scan = scan;
        _hasWork = hasWork;
        _scanInterval = scanInterval;
        _isStarted = isPassive;
    }

    /// <summary>
    /// False: the process gets no thread now. Then nothing may be kept, as no thread would release what changes take out.
    /// </summary>
    public bool TryStart()
    {
        if (Volatile.Read(ref _isStarted))
            return true;
        using (_monitor.Hold())
        {
            if (_isStarted)
                return true;
            try
            {
                BackgroundThread.Start(Work, "MmuNotifier registrations");
            }
            catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
            {
                return false;
            }

            Volatile.Write(ref _isStarted, true);
            return true;
        }
    }

    /// <summary>Has the work done soon. Any thread, under no lock.</summary>
    public void Signal() => Interruption.Defer(this, static worker =>
    {
        using (worker._monitor.Hold())
        {
            if (worker._isSignalled)
                return;
            worker._isSignalled = true;
            worker._monitor.Pulse();
        }
    });

    /// <summary>The thread ends when there is no work any more.</summary>
    public void Stop() => Interruption.Defer(this, static worker =>
    {
        using (worker._monitor.Hold())
        {
            worker._isStopping = true;
            worker._isSignalled = true;
            worker._monitor.Pulse();
        }
    });

    /// <summary>Whether there was a signal since this was last asked.</summary>
    public bool TryTakeSignal()
    {
        using (_monitor.Hold())
        {
            bool wasSignalled = _isSignalled;
            _isSignalled = false;
            return wasSignalled;
        }
    }

    private void Work()
    {
        long scannedAt = Stopwatch.GetTimestamp();
        while (AwaitWork())
        {
            _settle();
            if (_scanInterval is { } interval && Stopwatch.GetElapsedTime(scannedAt) >= interval)
            {
                _scan();
                scannedAt = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <returns>False if the thread is to end.</returns>
    private bool AwaitWork()
    {
        using (_monitor.Hold())
        {
            if (!_isSignalled)
                _monitor.Wait(_scanInterval is { } interval && interval < s_idleTime ? interval : s_idleTime);
            if (_isSignalled && !_isStopping)
                _monitor.Wait(s_gatherTime); // Signalled already: only the end of the cache wakes it.
            _isSignalled = false;
            return !_isStopping || _hasWork();
        }
    }
}
