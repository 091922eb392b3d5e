using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Taking registrations from memory of a running program, on the owner's thread.</content>
/// <remarks>
/// <para>
/// Closing a userfaultfd, and unregistering memory that is registered for write protection, looks at every page with the lock of the
/// address space held, for which the program's next fault waits (docs/linux-facts.md, fact 26). So the protection is taken away before, in
/// parts, under a lock that faults share. Then the mapping is registered for missing pages instead of write protection, and the kernel
/// unregisters that without a look at its pages. Parts of mappings are never unregistered: that splits a mapping, and the program's mremap
/// of it fails (docs/linux-facts.md, fact 12).
/// </para>
/// <para>
/// A protected page that mremap has moved in the meantime to where protection was taken away already would stay marked, without a
/// registration, and the next watch would take it for unchanged. So after a move, and after a call that failed, everything is registered
/// and unprotected again; after three times, or when the time is over, it is left to the closing.
/// </para>
/// </remarks>
internal sealed partial class WatchedProcess
{
    /// <summary>Of small pages; a huge page would be split by a part of it.</summary>
    private const ulong UnprotectedAtOnce = 64 * PageSize.Bytes;

    private const int MaxLettingGoAttempts = 3;

    /// <summary>
    /// A part that takes longer is slowed down by a hypervisor that follows each change of a page table: it makes the program's processors
    /// wait meanwhile, for hundreds of milliseconds if there is no pause.
    /// </summary>
    private static readonly TimeSpan SlowPart = TimeSpan.FromMicroseconds(30);

    private static readonly TimeSpan PauseAfterSlowPart = TimeSpan.FromMicroseconds(200);

    /// <summary>How long the event reader gets for the events that wait.</summary>
    private static readonly TimeSpan EventLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Before the watch is closed, while its events are still read: unregisters its mappings without a long wait for the program.
    /// </summary>
    /// <param name="mustEnd">Asked often; true leaves what is left to the closing.</param>
    internal void LetGo(Func<bool> mustEnd)
    {
        if (!IsOver && !_process.WaitForExit(0))
            _ = TryUnregister([.. Mappings.Select(mapping => mapping.Range)], mustEnd);
    }

    /// <returns>Whether they are unregistered; otherwise they are registered as before.</returns>
    private bool TryUnregister(AddressRange[] ranges, Func<bool> mustEnd)
    {
        for (int attempt = 0; attempt < MaxLettingGoAttempts && !_isClosed; attempt++)
        {
            if (TryUnregisterOnce(ranges, mustEnd))
                return true;
        }

        return false;
    }

    private bool TryUnregisterOnce(AddressRange[] ranges, Func<bool> mustEnd)
    {
        long moves = Volatile.Read(ref Counters.Remaps);
        if (!Array.TrueForAll(ranges, range => TryUnprotect(range, mustEnd)))
            return false;
        foreach (AddressRange range in ranges)
            UnlessClosed(() => _userfaultfd.UnregisterUnprotected(range.Start, range.Last));
        AfterStep?.Invoke("unregister");
        if (HasNotMovedSince(moves))
            return true;
        foreach (AddressRange range in ranges)
            UnlessClosed(() => _userfaultfd.Register(range.Start, range.Last));
        return false;
    }

    /// <remarks>Only what is protected: a mapping may be much larger than what is in it.</remarks>
    private bool TryUnprotect(AddressRange range, Func<bool> mustEnd)
    {
        var regions = new List<PageRegion>();
        if (_pageMap.ScanAll(range.Start, range.Last, PageScanFlags.None, PageFilter.ProtectedBySize, regions) != PageMapStatus.Complete)
            return false;
        foreach (PageRegion region in regions)
        {
            bool isHuge = (region.Categories & PageCategories.Huge) != 0;
            if (!TryUnprotect(region, isHuge ? HugePagePool.PageBytes : UnprotectedAtOnce, mustEnd))
                return false;
        }

        return true;
    }

    private bool TryUnprotect(PageRegion region, ulong bytesAtOnce, Func<bool> mustEnd)
    {
        ulong next;
        for (ulong start = region.Start; start < region.End; start = next)
        {
            next = Math.Min((start | (bytesAtOnce - 1)) + 1, region.End);
            long begin = Stopwatch.GetTimestamp();
            if (mustEnd() || !TryUnprotect(start, next - 1))
                return false;
            if (Stopwatch.GetElapsedTime(begin) > SlowPart)
                Syscall.Pause(PauseAfterSlowPart);
            AfterStep?.Invoke("unprotect");
        }

        return true;
    }

    /// <remarks>
    /// Refused while an event waits; and for good where something is not registered any more, whatever of the range has been unprotected.
    /// </remarks>
    private bool TryUnprotect(ulong start, ulong last)
    {
        UserfaultfdResult result = default;
        return UnlessClosed(() => result = _userfaultfd.WriteProtect(start, last, protect: false))
            && (result.Succeeded
                || (result.Status == UserfaultfdStatus.EventPending
                    && WaitForReader()
                    && UnlessClosed(() => result = _userfaultfd.WriteProtect(start, last, protect: false))
                    && result.Succeeded));
    }

    /// <remarks>
    /// A move that has been made is an event that waits, one that is being handled, or counted: the three are looked at in this order.
    /// </remarks>
    private bool HasNotMovedSince(long moves) =>
        WaitForReader() && Fence.TryObserve(out _) && Volatile.Read(ref Counters.Remaps) == moves;

    /// <returns>Whether no event waits; false if the reader takes too long.</returns>
    private bool WaitForReader()
    {
        long begin = Stopwatch.GetTimestamp();
        bool isWaiting = true;
        while (UnlessClosed(() => isWaiting = _userfaultfd.HasEventPending()) && isWaiting)
        {
            if (Stopwatch.GetElapsedTime(begin) > EventLimit)
                return false;
            Thread.Sleep(1);
        }

        return true;
    }
}
