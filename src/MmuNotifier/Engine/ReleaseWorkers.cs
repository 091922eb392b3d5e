using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// The one context in which <see cref="Notifier.Released"/> and the missing ends of removed whole-space notifiers run: background threads
/// of the process, under no lock. Handlers do not hold each other up: where all threads are blocked in one, more are started.
/// </summary>
/// <remarks>
/// <para>
/// Queueing never fails and never waits: it happens under the engine lock, in the middle of a walk, where no caller could get an error. So
/// it starts no thread and allocates nothing. Two threads are started before the first notifier that needs them is inserted, and stay: one
/// worker, and the keeper, which starts and counts the other workers. If the system gives no thread, the keeper asks again at every tick,
/// and meanwhile the existing workers continue. A worker with nothing to do ends after <see cref="IdleTime"/>, all but the first.
/// </para>
/// <para>
/// Threads are not started for the length of the queue but for the time that its oldest entry has waited: a burst of quick handlers is
/// done by one worker before the keeper looks. There are never more workers than handlers that have been running for longer than a tick,
/// plus one for each processor.
/// </para>
/// <para>Lock order: engine lock, <see cref="_monitor"/>, <see cref="_keeper"/>; the keeper's is taken under none of them.</para>
/// </remarks>
internal sealed partial class ReleaseWorkers
{
    private const string ThreadName = "MmuNotifier release";

    private static readonly ReleaseWorkers s_shared = new(BackgroundThread.Start);

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private readonly Action<Action, string> _startThread;
    private readonly TimeSpan _tick;

    /// <summary>Guards the fields from here to <see cref="_isWatched"/>. Free workers wait at it.</summary>
    private readonly WaitMonitor _monitor = new();
    private readonly List<Worker> _workers = [];
    private Removal? _first;
    private Removal? _last;
    private int _queued;

    /// <summary>Workers that wait for something to do.</summary>
    private int _free;

    /// <summary>Counts what the keeper saw of the time.</summary>
    private long _now;

    /// <summary>Whether the keeper is awake, or has been called.</summary>
    private bool _isWatched;

    /// <summary>Guards <see cref="_isStarted"/>, which is also read without it: whether the two threads that stay are there.</summary>
    private readonly EngineLock _starting = new();
    private bool _isStarted;

    /// <summary>Guards <see cref="_isKeeperCalled"/>. The keeper waits at it.</summary>
    private readonly WaitMonitor _keeper = new();
    private bool _isKeeperCalled;

    /// <summary>
    /// Those that all address spaces of the process share. Where threads end with their schedule (in the explorer), each space gets
    /// its own.
    /// </summary>
    public static ReleaseWorkers Shared => BackgroundThread.EndsWithSchedule ? new(BackgroundThread.Start) : s_shared;

    /// <param name="startThread">Starts a background thread; throws if the system gives none.</param>
    /// <param name="tick">How often the keeper looks while something is queued that no worker is free for; 5 ms.</param>
    public ReleaseWorkers(Action<Action, string> startThread, TimeSpan? tick = null)
    {
        _startThread = startThread;
        _tick = tick ?? TimeSpan.FromMilliseconds(5);
    }

    /// <summary>Queues the release of a notifier. May be called under the engine lock; never fails, never waits.</summary>
    public void Enqueue(Removal removal)
    {
        bool callsKeeper;
        using (_monitor.Hold())
        {
            removal.NextToRelease = null;
            removal.QueuedAt = _now;
            if (_last is null)
                _first = removal;
            else
                _last.NextToRelease = removal;
            _last = removal;
            _queued++;

            // A pulse for each entry: a worker that is pulsed may not have come yet when the next entry does.
            if (_free > 0)
                _monitor.Pulse();
            callsKeeper = _queued > _free && !_isWatched;
            _isWatched |= callsKeeper;
        }

        if (callsKeeper)
            CallKeeper();
    }

    private void Work(Worker worker)
    {
        while (TryRunOne(worker))
        {
        }
    }

    /// <returns>False if the worker is to end.</returns>
    /// <remarks>Apart from the loop, so that a worker that waits keeps nothing alive that it ran before.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRunOne(Worker worker)
    {
        if (Dequeue(worker) is not { } removal)
            return false;
        removal.Notifier.CompleteRelease();
        Interrupts.Clear(); // What a handler did to its thread is not to meet the next one.
        return true;
    }

    private Removal? Dequeue(Worker worker)
    {
        using (_monitor.Hold())
        {
            worker.BusySince = Worker.Free;
            while (_first is null)
            {
                _free++;
                bool isPulsed = WaitForWork(worker.IsFirst ? Timeout.InfiniteTimeSpan : IdleTime);
                _free--;
                if (isPulsed || _first is not null)
                    continue;
                _workers.Remove(worker);
                return null;
            }

            Removal removal = _first;
            _first = removal.NextToRelease;
            if (_first is null)
                _last = null;
            removal.NextToRelease = null;
            _queued--;
            worker.BusySince = _now;
            return removal;
        }
    }

    private bool WaitForWork(TimeSpan timeout)
    {
        try
        {
            return _monitor.Wait(timeout);
        }
        catch (ThreadInterruptedException)
        {
            return true; // By somebody who got hold of the thread; it looks for work and waits again.
        }
    }

    /// <summary>A thread that runs handlers.</summary>
    private sealed class Worker(bool isFirst)
    {
        public const long Free = long.MaxValue;

        /// <summary>Whether it never ends.</summary>
        public bool IsFirst { get; } = isFirst;

        /// <summary>When its handler began, in ticks of the keeper. Guarded by the monitor.</summary>
        public long BusySince { get; set; } = Free;
    }
}
