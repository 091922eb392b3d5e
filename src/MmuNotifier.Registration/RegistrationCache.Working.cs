using System.Diagnostics;

namespace MmuNotifier.Registration;

/// <content>
/// The cache's thread: settles what was retired by a thread that may not (one that reports changes), and looks the entries over. Started
/// with the first entry; ends when the cache is disposed and nothing retired is left.
/// </content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>A wait that is never needed in full: every change of what it waits for is signalled.</summary>
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Changes come in bunches, and who gets a registration meanwhile settles what they have retired: a thread that ran at each change would
    /// cost its maker more than the change, as a munmap has to interrupt the other processors on which the process runs.
    /// </summary>
    private static readonly TimeSpan s_gatherTime = TimeSpan.FromMilliseconds(5);

    private readonly WaitMonitor _work = new();
    private readonly WaitMonitor _releases = new();
    private int _waiting;
    private long _released;
    private bool _isSignalled;
    private bool _isWorkerStarted;
    private bool _isWorkerStopping;

    /// <summary>False: the process gets no thread now. Then nothing may be kept, as nobody would release what changes take out.</summary>
    private bool TryStartWorker()
    {
        if (Volatile.Read(ref _isWorkerStarted))
            return true;
        using (_work.Hold())
        {
            if (_isWorkerStarted)
                return true;
            try
            {
                BackgroundThread.Start(Work, "MmuNotifier registrations");
            }
            catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
            {
                return false;
            }

            Volatile.Write(ref _isWorkerStarted, true);
            return true;
        }
    }

    /// <summary>One round of the cache's thread, if it is signalled. For the explorer, where there is no such thread.</summary>
    internal void DoSignalledWork()
    {
        using (_work.Hold())
        {
            if (!_isSignalled)
                return;
            _isSignalled = false;
        }

        Settle();
    }

    private void SignalWorker() => Interruption.Defer(this, static cache =>
    {
        using (cache._work.Hold())
        {
            if (cache._isSignalled)
                return;
            cache._isSignalled = true;
            cache._work.Pulse();
        }
    });

    private void StopWorker() => Interruption.Defer(this, static cache =>
    {
        using (cache._work.Hold())
        {
            cache._isWorkerStopping = true;
            cache._isSignalled = true;
            cache._work.Pulse();
        }
    });

    private void Work()
    {
        long scannedAt = Stopwatch.GetTimestamp();
        while (AwaitWork())
        {
            if (_watch.Failure is { } failure)
                DropAll(failure);
            Settle();
            if (_options.ScanInterval is { } interval && Stopwatch.GetElapsedTime(scannedAt) >= interval)
            {
                Scan();
                scannedAt = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <returns>False if the thread is to end.</returns>
    private bool AwaitWork()
    {
        using (_work.Hold())
        {
            if (!_isSignalled)
                _work.Wait(_options.ScanInterval is { } interval && interval < s_idleTime ? interval : s_idleTime);
            if (_isSignalled && !_isWorkerStopping)
                _work.Wait(s_gatherTime); // Signalled already: only the end of the cache wakes it.
            _isSignalled = false;
            return !_isWorkerStopping || HasWork;
        }
    }

    private void DropAll(string failure)
    {
        NoteFailure(failure);
        RetireAllNow(RetirementReason.WatchFailed);
    }

    /// <summary>Finds what has changed without an event. The looks cost system calls, so they are made without the lock.</summary>
    private void Scan()
    {
        List<EntryNotifier<TRegistration>> kept = [];
        using (_lock.Hold())
        {
            EntryNotifier<TRegistration>? next = _hand;
            while (next is not null)
            {
                kept.Add(next);
                next = ReferenceEquals(next.ClockNext, _hand) ? null : next.ClockNext;
            }
        }

        foreach (EntryNotifier<TRegistration> notifier in kept)
        {
            if (IsIntact(notifier.Entry.Range))
                continue;
            using (_lock.Hold())
                TryRetire(notifier, RetirementReason.NotIntact);
        }

        Settle();
    }

    /// <summary>Wakes one that waits for releases.</summary>
    private void NoteReleased()
    {
        Interlocked.Increment(ref _released);
        if (Volatile.Read(ref _waiting) == 0)
            return;
        Interruption.Defer(_releases, static releases =>
        {
            using (releases.Hold())
                releases.Pulse();
        });
    }

    /// <summary>Waits until the condition holds, which releases make true, or the time is over.</summary>
    private bool WaitForReleases(Func<bool> condition, TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            using (_releases.Hold())
            {
                while (!condition())
                {
                    TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
                    if (left <= TimeSpan.Zero)
                        return false;
                    _releases.Wait(left < s_longestWait ? left : s_longestWait);
                }

                return true;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>A pulse wakes one waiting thread, perhaps not the one whose condition it made true: each looks again soon.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(50);
}
