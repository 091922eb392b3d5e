namespace MmuNotifier;

/// <summary>
/// The one context in which <see cref="Notifier.Released"/> and the missing ends of removed whole-space notifiers run: background threads
/// of the process, under no lock. A handler that blocks holds up no other: where none is idle, another thread is started; a thread with
/// nothing to do ends after <see cref="IdleTime"/>.
/// </summary>
/// <remarks>Not the thread pool: there blocked handlers hold up the others, and the application's own work, until it grows.</remarks>
internal sealed class ReleaseWorkers
{
    /// <summary>Those that all address spaces of the process share.</summary>
    public static readonly ReleaseWorkers Shared = new();

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private readonly WaitMonitor _monitor = new();
    private Removal? _first;
    private Removal? _last;
    private int _queued;
    private int _idle;

    /// <summary>Queues the release of a notifier. May be called under the engine lock: it takes only its own monitor.</summary>
    public void Enqueue(Removal removal)
    {
        bool startThread;
        using (_monitor.Hold())
        {
            removal.NextToRelease = null;
            if (_last is null)
                _first = removal;
            else
                _last.NextToRelease = removal;
            _last = removal;
            _queued++;
            startThread = _queued > _idle;
            if (startThread)
                _idle++; // The new thread counts as idle until it takes its first notifier.
            else
                _monitor.Pulse();
        }

        if (startThread)
            BackgroundThread.Start(Work, "MmuNotifier release");
    }

    private void Work()
    {
        for (Removal? removal = Dequeue(isNewThread: true); removal is not null; removal = Dequeue(isNewThread: false))
            removal.Notifier.CompleteRelease();
    }

    private Removal? Dequeue(bool isNewThread)
    {
        using (_monitor.Hold())
        {
            if (!isNewThread)
                _idle++;
            while (_first is null)
            {
                if (!_monitor.Wait(IdleTime) && _first is null)
                {
                    _idle--;
                    return null;
                }
            }

            Removal removal = _first;
            _first = removal.NextToRelease;
            if (_first is null)
                _last = null;
            removal.NextToRelease = null;
            _queued--;
            _idle--;
            return removal;
        }
    }
}
