using System.Diagnostics;
using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Bringing pages back into the process.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <summary>How long a touched page is tried at once, while devices and other touches wait.</summary>
    private static readonly TimeSpan TouchLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Brings a page back that a device's fault or the process wants, and with it the huge page that it is a part of.</summary>
    private void ReturnPage(ulong address)
    {
        lock (_mappingLock)
            ReturnRange(EntryRangeOf(address), WaitLimit);
    }

    /// <summary>
    /// Brings a page back that the process has touched, and with it the huge page that it is a part of; false if it is to be tried again.
    /// </summary>
    private bool ReturnTouched(ulong address)
    {
        lock (_mappingLock)
            return ReturnRange(EntryRangeOf(address), TouchLimit);
    }

    private AddressRange EntryRangeOf(ulong address)
    {
        lock (_taken.Lock)
            return _taken.TryFindBlock(HugePage.StartOf(address), out _) ? HugePage.RangeOf(address) : PageSize.RangeOf(address);
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
        List<(ulong Address, TakenPage Entry)> entries;
        lock (_taken.Lock)
            entries = _taken.EntriesIn(range);
        if (entries.Count == 0)
        {
            // Brought back in between: the waiting thread looks again.
            _serving.Wake(range.Start, range.Last);
            return true;
        }

        bool isExclusive = entries.Exists(static pair => pair.Entry.State == TakenState.Exclusive);
        bool isWhole = true;
        using (Space.ReportInvalidation(range, isExclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate))
        {
            foreach ((ulong address, TakenPage entry) in entries)
                isWhole &= ReturnEntry(address, entry, limit);
        }

        return isWhole;
    }

    // The memory of a process gets small pages from outside. What was huge moves to a device as a whole again.
    private bool ReturnEntry(ulong address, TakenPage entry, TimeSpan limit)
    {
        if (entry.Order == HugePage.Order)
        {
            if (TryReturnRun(address, entry, HugePage.Pages))
            {
                lock (_taken.Lock)
                    _wholeBlocks.Add(address);
                return true;
            }
        }

        bool isWhole = true;
        for (ulong i = 0; i < 1UL << entry.Order; i++)
            isWhole &= Return(address + (i * PageBytes), limit) != ReturnOutcome.StillAway;
        return isWhole;
    }

    /// <summary>Brings those of the pages back that a migration has collected for it.</summary>
    private void ReturnCollected(Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length;)
        {
            int first = i;
            if (!IsToReturn(pages[i++]))
                continue;
            ref MigratePage page = ref pages[first];
            if (page.Order == 0)
            {
                while (i < pages.Length && pages[i].Order == 0 && IsToReturn(pages[i])
                    && pages[i].SourceFrame == page.SourceFrame + (ulong)(i - first))
                {
                    i++;
                }
            }
            else
            {
                i = first + HugePage.Pages;
            }

            ReturnCollectedRun(pages[first..i]);
        }
    }

    private void ReturnCollectedRun(Span<MigratePage> run)
    {
        ulong address = run[0].Address;
        TakenPage page;
        lock (_taken.Lock)
        {
            if (!_taken.TryFind(address, out page))
                page = default;
        }

        bool isWhole = run[0].Order == HugePage.Order;
        bool isExpected = page.Frame == run[0].SourceFrame && page.State != TakenState.Collected;
        bool isReturned = run.Length > 1 && isExpected && TryReturnRun(address, page, run.Length);
        if (isReturned && isWhole)
        {
            lock (_taken.Lock)
                _wholeBlocks.Add(address);
        }

        foreach (ref MigratePage one in run)
            one.IsMoved = isReturned || Return(one.Address, WaitLimit) != ReturnOutcome.StillAway;
    }

    private static bool IsToReturn(in MigratePage page) =>
        page.CanMove && page.IsToSystem && page.SourceFrame >= DeviceMemory.FirstDeviceFrame;

    /// <summary>
    /// Brings pages that follow each other back, as <see cref="Return"/> does each, with one call to the kernel; their frames follow each
    /// other too. Nothing has happened if it cannot: then they are brought back one by one.
    /// </summary>
    private bool TryReturnRun(ulong address, TakenPage first, int count)
    {
        _mappingLock.AssertHeld();
        DeviceMemory memory = first.Memory!;
        for (ulong i = 0; i < (ulong)count && first.IsAway; i++)
            memory.Revoke(first.Frame + i);
        bool isReturned = false;
        lock (_taken.Lock)
        {
            if (IsStillThere(address, first, count))
            {
                ulong last = address + ((ulong)count * PageBytes) - 1;
                // A part may have been copied when it fails: those pages are there already when each is brought back by itself.
                isReturned = !first.IsAway || _serving.Copy(address, last, memory.AddressOf(first.Frame)).Succeeded;
                if (isReturned)
                    _taken.RemoveAll(new AddressRange(address, last));
            }
        }

        for (ulong i = 0; i < (ulong)count; i++)
        {
            if (isReturned)
                memory.Free(first.Frame + i);
            else if (first.IsAway)
                memory.Restore(first.Frame + i);
        }

        return isReturned;
    }

    private bool IsStillThere(ulong address, TakenPage first, int count)
    {
        for (ulong i = 0; i < (ulong)count; i++)
        {
            bool isSame = _taken.TryFind(address + (i * PageBytes), out TakenPage page) && page.Frame == first.Frame + i
                && page.State == first.State && page.Transit != PageTransit.Leaving;
            if (!isSame)
                return false;
        }

        return true;
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
