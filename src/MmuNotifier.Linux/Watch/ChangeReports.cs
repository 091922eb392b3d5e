using System.Diagnostics;

namespace MmuNotifier.Linux;

/// <summary>
/// Changes that wait to be reported, in order. One thread reports at a time, without a lock; it may come back from inside a report, and
/// then reports what is next itself. Everybody else waits for it.
/// </summary>
/// <remarks>
/// A report is done when the outermost one of its thread is: an inner one may be done before the one that it is inside of. Since a thread
/// that waits here is inside of no report of this queue, two cannot wait for each other.
/// </remarks>
/// <param name="space">Where they are reported.</param>
internal sealed class ChangeReports(AddressSpace space)
{
    /// <summary>When more wait, they become one of the whole space.</summary>
    private const int Capacity = 4096;

    private readonly object _lock = new();
    private readonly Queue<ChangeReport> _waiting = new();
    private long _lastNumber;
    private long _lastTaken;
    private long _lastDone;
    private int _reporter;
    private int _depth;

    /// <summary>Adds a change. Returns its number.</summary>
    internal long Add(AddressRange range, InvalidationEvent invalidationEvent)
    {
        lock (_lock)
        {
            if (_waiting.Count >= Capacity)
            {
                _waiting.Clear();
                (range, invalidationEvent) = (AddressRange.Whole, InvalidationEvent.Unmap);
            }

            _waiting.Enqueue(new ChangeReport(++_lastNumber, range, invalidationEvent));
            return _lastNumber;
        }
    }

    /// <summary>Reports what has been added so far, and waits for what another thread reports.</summary>
    /// <returns>False if that takes longer than the limit.</returns>
    internal bool TryReportAll(TimeSpan limit)
    {
        long begin = Stopwatch.GetTimestamp();
        int me = Environment.CurrentManagedThreadId;
        bool isInside = false;
        long target = -1;
        while (true)
        {
            ChangeReport report;
            lock (_lock)
            {
                if (target < 0)
                {
                    target = _lastNumber;
                    isInside = _reporter == me;
                }

                while (!IsDone(target, isInside) && _reporter != 0 && _reporter != me)
                {
                    TimeSpan left = limit - Stopwatch.GetElapsedTime(begin);
                    if (left <= TimeSpan.Zero || !Monitor.Wait(_lock, left))
                        return IsDone(target, isInside);
                }

                if (IsDone(target, isInside))
                    return true;
                report = _waiting.Dequeue();
                _lastTaken = report.Number;
                _reporter = me;
                _depth++;
            }

            try
            {
                space.Invalidate(report.Range, report.Event);
            }
            finally
            {
                lock (_lock)
                {
                    if (--_depth == 0)
                    {
                        _reporter = 0;
                        _lastDone = _lastTaken;
                        Monitor.PulseAll(_lock);
                    }
                }
            }
        }
    }

    /// <summary>From inside of a report, that one cannot be waited for: then it is enough that all have been taken.</summary>
    private bool IsDone(long target, bool isInside) => (isInside ? _lastTaken : _lastDone) >= target;
}
