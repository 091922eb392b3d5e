namespace MmuNotifier.Processes;

/// <summary>
/// What the thread that reads events leaves to the thread that invalidates. Reading an event lets the process proceed before anybody has
/// handled it (docs/linux-facts.md, fact 1): so the reader announces each read first, and <see cref="WaitUntilDone"/> waits for what was
/// announced.
/// </summary>
internal sealed class ChangeQueue
{
    private readonly Queue<RemoteChange> _changes = new();
    private readonly object _lock = new();
    private long _announced;
    private long _done;
    private bool _isClosed;

    /// <summary>Events are about to be read.</summary>
    internal void Announce()
    {
        lock (_lock)
            _announced++;
    }

    internal void Add(in RemoteChange change)
    {
        lock (_lock)
        {
            _changes.Enqueue(change);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits for the next change; false once the queue is closed and empty.</summary>
    internal bool TryTake(out RemoteChange change)
    {
        lock (_lock)
        {
            while (!_changes.TryDequeue(out change))
            {
                if (_isClosed)
                    return false;
                Monitor.Wait(_lock);
            }

            return true;
        }
    }

    /// <summary>One announced read has been dealt with.</summary>
    internal void MarkBatchDone()
    {
        lock (_lock)
        {
            _done++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until every read announced so far has been dealt with; false if the time is over.</summary>
    internal bool WaitUntilDone(TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_lock)
        {
            long target = _announced;
            while (_done < target && !_isClosed)
            {
                long left = end - Environment.TickCount64;
                if (left <= 0)
                    return false;
                Monitor.Wait(_lock, (int)left);
            }

            return true;
        }
    }

    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Monitor.PulseAll(_lock);
        }
    }
}
