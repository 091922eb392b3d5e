using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Bringing pages back into the process.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <summary>How long a touched page is tried at once, while devices and other touches wait.</summary>
    private static readonly TimeSpan TouchLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Brings a page back that a device's fault or the process wants.</summary>
    private void ReturnPage(ulong address)
    {
        lock (_mappingLock)
            ReturnRange(PageSize.RangeOf(address), WaitLimit);
    }

    /// <summary>Brings a page back that the process has touched; false if it is to be tried again.</summary>
    private bool ReturnTouched(ulong address)
    {
        lock (_mappingLock)
            return ReturnRange(PageSize.RangeOf(address), TouchLimit);
    }

    /// <summary>Brings back what devices have, all of it or what is not in private memory.</summary>
    private void ReturnAll(bool exceptPrivate = false)
    {
        _mappingLock.AssertHeld();
        List<ulong> addresses;
        lock (_taken.Lock)
        {
            addresses = _taken.AddressesIn(AddressRange.Whole);
            if (exceptPrivate)
                addresses.RemoveAll(address => _taken.TryFind(address, out TakenPage page) && page.State == TakenState.Private);
        }

        foreach (AddressRange run in PageRuns.Of(addresses))
            ReturnRange(run, WaitLimit);
    }

    /// <summary>
    /// Brings back what devices have in the range; resident pages only lose the name. False if a page is still away.
    /// </summary>
    private bool ReturnRange(AddressRange range, TimeSpan limit)
    {
        _mappingLock.AssertHeld();
        List<ulong> addresses;
        bool isExclusive;
        lock (_taken.Lock)
        {
            addresses = _taken.AddressesIn(range);
            isExclusive = addresses.Exists(address => _taken.TryFind(address, out TakenPage page) && page.State == TakenState.Exclusive);
        }

        if (addresses.Count == 0)
        {
            // Brought back in between: the waiting thread looks again.
            _serving.Wake(range.Start, range.Last);
            return true;
        }

        bool isWhole = true;
        using (Space.ReportInvalidation(range, isExclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate))
        {
            foreach (ulong address in addresses)
                isWhole &= Return(address, limit) != ReturnOutcome.StillAway;
        }

        return isWhole;
    }

    /// <summary>
    /// Makes a page the process's again. A device that has the page's entry has been told, or cannot have it because the page is marked
    /// as returning. A touch that waits for the page is always woken, unless the page is still away.
    /// </summary>
    private ReturnOutcome Return(ulong address, TimeSpan limit)
    {
        _mappingLock.AssertHeld();
        TakenPage page;
        lock (_taken.Lock)
        {
            if (!_taken.TryFind(address, out page) || page.State == TakenState.Collected || page.Transit == PageTransit.Leaving)
                return WakeNotHere(address);
        }

        if (page.IsAway)
            page.Memory!.Revoke(page.Frame);
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            ReturnOutcome outcome = TryReturn(address, page);
            if (outcome == ReturnOutcome.Returned)
            {
                page.Memory!.Free(page.Frame);
                return outcome;
            }

            // Moved elsewhere with its frame, or still here: devices may use it again. (A frame that was freed meanwhile is left alone.)
            if (outcome == ReturnOutcome.NotHere || Stopwatch.GetElapsedTime(begin) > limit)
            {
                if (page.IsAway)
                    page.Memory!.Restore(page.Frame);
                return outcome;
            }

            Thread.Sleep(0);
        }
    }

    /// <summary>
    /// The page is the process's again and no device's, in one step for a thread that holds the lock of the taken pages: a fork finds it in
    /// one of both places. (Between a fork and the reading of its event, the kernel refuses the copy.) The frame of a page that was
    /// returned is the caller's; otherwise it belongs to the thread that took the page out of the table.
    /// </summary>
    private ReturnOutcome TryReturn(ulong address, in TakenPage page)
    {
        ulong last = address + PageBytes - 1;
        lock (_taken.Lock)
        {
            if (!_taken.TryFind(address, out TakenPage now) || now.Frame != page.Frame)
                return WakeNotHere(address);
            if (page.IsAway)
            {
                UserfaultfdResult result = _serving.Copy(address, last, page.Memory!.AddressOf(page.Frame));
                // There already, or nobody can miss it: the mapping or the process has gone.
                bool isDone = result.Succeeded || (result.Error == Errno.Exists && IsKnownToHave(address))
                    || result.Status == UserfaultfdStatus.ProcessGone
                    || (result.Status == UserfaultfdStatus.NotRegistered && !_serving.IsChangePending());
                if (!isDone)
                    return ReturnOutcome.StillAway;
                if (!result.Succeeded)
                    _serving.Wake(address, last);
            }

            _taken.Remove(address, out _);
            return ReturnOutcome.Returned;
        }
    }

    private ReturnOutcome WakeNotHere(ulong address)
    {
        _serving.Wake(address, address + PageBytes - 1);
        return ReturnOutcome.NotHere;
    }
}
