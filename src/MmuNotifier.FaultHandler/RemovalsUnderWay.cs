using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Removals of pages (MADV_DONTNEED, FREE, REMOVE) that may not be over: their event comes before the pages go, the caller goes on once it is
/// read, and nothing tells when the pages have gone. A page that is moved to a device meanwhile would bring back what was removed.
/// </summary>
internal sealed unsafe class RemovalsUnderWay
{
    private const int Capacity = 64;

    /// <summary>A caller that goes on can be preempted before it removes the pages: it gets so long.</summary>
    private static readonly long s_ticks = Stopwatch.Frequency / 10;

    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private readonly Removal* _removals = (Removal*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Removal));
    private int _count;

    /// <summary>Notes one in [start, end). Where there are too many, all become one that lasts as long as the youngest.</summary>
    internal void Add(ulong start, ulong end)
    {
        var added = new Removal { Start = start, End = end, Since = Stopwatch.GetTimestamp() };
        NativeLock.Enter(_lock);
        for (int i = _count - 1; i >= 0; i--)
        {
            if (added.Since - _removals[i].Since > s_ticks)
                _removals[i] = _removals[--_count];
        }

        if (_count == Capacity)
        {
            foreach (ref readonly Removal removal in new ReadOnlySpan<Removal>(_removals, _count))
            {
                added.Start = Math.Min(added.Start, removal.Start);
                added.End = Math.Max(added.End, removal.End);
            }

            _count = 0;
        }

        _removals[_count++] = added;
        NativeLock.Exit(_lock);
    }

    /// <summary>
    /// Drops those that lie in [start, end): the caller's own, which has ended. One of others there that began before it has nothing left to
    /// remove that matters: its caller has not returned yet, so it may as well have come before what was written since.
    /// </summary>
    internal void End(ulong start, ulong end)
    {
        NativeLock.Enter(_lock);
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_removals[i].Start >= start && _removals[i].End <= end)
                _removals[i] = _removals[--_count];
        }

        NativeLock.Exit(_lock);
    }

    /// <summary>Whether a page may be about to be removed.</summary>
    internal bool Includes(ulong address)
    {
        long now = Stopwatch.GetTimestamp();
        bool isFound = false;
        NativeLock.Enter(_lock);
        foreach (ref readonly Removal removal in new ReadOnlySpan<Removal>(_removals, _count))
            isFound |= removal.Start <= address && removal.End > address && now - removal.Since <= s_ticks;
        NativeLock.Exit(_lock);
        return isFound;
    }

    internal void Free()
    {
        NativeMemory.Free(_removals);
        NativeMemory.Free(_lock);
    }

    private struct Removal
    {
        internal ulong Start;
        internal ulong End;
        internal long Since;
    }
}
