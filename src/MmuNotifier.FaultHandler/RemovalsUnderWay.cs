using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Removals of pages (MADV_DONTNEED, FREE, REMOVE) that may not be over: the event comes before the pages go, the caller resumes once the
/// event is read, and no event says when the pages have gone (docs/linux-facts.md, fact 3). A page that is moved to a device meanwhile
/// would bring back what was removed.
/// </summary>
/// <remarks>
/// Until the caller resumes, the kernel refuses to protect or copy pages (EAGAIN); however long that takes on a busy machine, it is seen.
/// After resuming, the caller may still be preempted before it drops the pages, so we wait one more second, counted from the moment at
/// which no caller was seen to wait. One thread adds removals; any thread may call the other members.
/// </remarks>
internal sealed unsafe class RemovalsUnderWay
{
    private const int Capacity = 64;

    /// <summary>
    /// A second. With 100 ms a busy machine (eight threads a processor wanted) showed what was removed in one run of twenty.
    /// </summary>
    private static readonly long s_ticks = Stopwatch.Frequency;

    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private readonly Removal* _removals = (Removal*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Removal));
    private int _count;
    private long _newest;
    private long _newestResumed;

    /// <summary>The number of the last that was added.</summary>
    internal long Newest => Volatile.Read(ref _newest);

    /// <summary>Whether the caller of one has not been seen to resume.</summary>
    internal bool HasBlockedCaller => Newest != Volatile.Read(ref _newestResumed);

    /// <summary>Notes one in [start, end). Where there are too many, all become one as young as it.</summary>
    internal void Add(ulong start, ulong end)
    {
        NativeLock.Enter(_lock);
        long now = Stopwatch.GetTimestamp();
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_removals[i].IsOver(now))
                _removals[i] = _removals[--_count];
        }

        var added = new Removal { Start = start, End = end, Number = _newest + 1 };
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
        Volatile.Write(ref _newest, added.Number);
        NativeLock.Exit(_lock);
    }

    /// <summary>No caller waited at a moment after <see cref="Newest"/> was asked: the callers up to that one have resumed.</summary>
    internal void MarkCallersResumed(long newest)
    {
        NativeLock.Enter(_lock);
        long now = Stopwatch.GetTimestamp();
        foreach (ref Removal removal in new Span<Removal>(_removals, _count))
        {
            if (removal.ResumedAt == 0 && removal.Number <= newest)
                removal.ResumedAt = now;
        }

        Volatile.Write(ref _newestResumed, Math.Max(_newestResumed, newest));
        NativeLock.Exit(_lock);
    }

    /// <summary>
    /// Drops those that lie in [start, end): the caller's own, which has ended. One of others there that began before it has nothing left
    /// to remove that matters: its caller has not returned yet, so it may as well have come before what was written since.
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
        bool isFound = false;
        NativeLock.Enter(_lock);
        long now = Stopwatch.GetTimestamp();
        foreach (ref readonly Removal removal in new ReadOnlySpan<Removal>(_removals, _count))
            isFound |= removal.Start <= address && removal.End > address && !removal.IsOver(now);
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
        internal long Number;

        /// <summary>When its caller was seen to resume; 0: not yet.</summary>
        internal long ResumedAt;

        internal readonly bool IsOver(long now) => ResumedAt != 0 && now - ResumedAt > s_ticks;
    }
}
