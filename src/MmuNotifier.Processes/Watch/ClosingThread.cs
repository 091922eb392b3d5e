using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Closes what may take long to close, in the order in which it comes, on a thread of its own, which ends when nothing is left. A
/// userfaultfd takes up to 3 µs for each page (docs/linux-facts.md, fact 26).
/// </summary>
internal sealed class ClosingThread
{
    /// <summary>
    /// If so many are waiting, the caller closes the next one itself. A forked child cannot unmap memory until its userfaultfd is closed,
    /// so the last in the queue must not wait for many others.
    /// </summary>
    internal const int MaxWaiting = 4;

    private readonly Lock _lock = new();

    /// <summary>Under the lock.</summary>
    private readonly Queue<IDisposable> _waiting = [];

    /// <summary>Under the lock.</summary>
    private bool _isRunning;

    /// <summary>Does not wait, unless many are waiting already or no thread can be started.</summary>
    internal void Close(IDisposable resource)
    {
        bool isAccepted, isFirst;
        lock (_lock)
        {
            isAccepted = _waiting.Count < MaxWaiting;
            if (isAccepted)
                _waiting.Enqueue(resource);
            isFirst = !_isRunning;
            _isRunning = true;
        }

        if (!isAccepted)
            resource.Dispose();
        if (!isFirst)
            return;
        try
        {
            Syscall.Start(new Thread(Run) { IsBackground = true, Name = "mmun closing" });
        }
        catch (InvalidOperationException)
        {
            Run();
        }
    }

    private void Run()
    {
        while (true)
        {
            IDisposable? next;
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _isRunning = false;
                    return;
                }
            }

            next.Dispose();
        }
    }
}
