namespace MmuNotifier;

/// <summary>
/// The one context in which <see cref="Notifier.Released"/> and the missing ends of removed whole-space notifiers run: background threads
/// of the process, under no lock. A handler that blocks holds up no other: where none is idle, another thread is started; a thread with
/// nothing to do ends after <see cref="IdleTime"/>.
/// </summary>
/// <remarks>Not the thread pool: there blocked handlers hold up the others, and the application's own work, until it grows.</remarks>
internal static class ReleaseWorkers
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);
    private static readonly WaitMonitor s_monitor = new();
    private static Removal? s_first;
    private static Removal? s_last;
    private static int s_queued;
    private static int s_idle;

    /// <summary>Queues the release of a notifier. May be called under the engine lock: it takes only its own monitor.</summary>
    public static void Enqueue(Removal removal)
    {
        bool startThread;
        using (s_monitor.Hold())
        {
            removal.NextToRelease = null;
            if (s_last is null)
                s_first = removal;
            else
                s_last.NextToRelease = removal;
            s_last = removal;
            s_queued++;
            startThread = s_queued > s_idle;
            if (startThread)
                s_idle++; // The new thread counts as idle until it takes its first notifier.
            else
                s_monitor.Pulse();
        }

        if (startThread)
            BackgroundThread.Start(Work, "MmuNotifier release");
    }

    private static void Work()
    {
        for (Removal? removal = Dequeue(isNewThread: true); removal is not null; removal = Dequeue(isNewThread: false))
            removal.Notifier.CompleteRelease();
    }

    private static Removal? Dequeue(bool isNewThread)
    {
        using (s_monitor.Hold())
        {
            if (!isNewThread)
                s_idle++;
            while (s_first is null)
            {
                if (!s_monitor.Wait(IdleTime) && s_first is null)
                {
                    s_idle--;
                    return null;
                }
            }

            Removal removal = s_first;
            s_first = removal.NextToRelease;
            if (s_first is null)
                s_last = null;
            removal.NextToRelease = null;
            s_queued--;
            s_idle--;
            return removal;
        }
    }
}
