using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <content>Device faults: copying pages that the device does not hold.</content>
internal sealed unsafe partial class ProcessMirror
{
    private const int PagesPerFault = 128;
    private const int MaxFaultAttempts = 16;
    private const int MaxHalvings = 7;

    private readonly List<ulong> _missing = new(PagesPerFault);
    private readonly bool[] _wasRead = new bool[PagesPerFault];
    private byte[] _staging = GC.AllocateUninitializedArray<byte>(PagesPerFault * PageCopies.PageBytes, pinned: true);
    private long _unreadable;

    /// <summary>How many read sections were begun to copy pages.</summary>
    internal long Faults { get; private set; }

    /// <summary>
    /// Compares what exists in the mapping with what the device holds: copies what is missing, forgets what is no longer there. The latter
    /// comes without an event when the kernel reclaims pages that were marked free, or a file is truncated.
    /// </summary>
    private bool FaultInMissing(in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions, bool isFrozen, WorkLimit limit)
    {
        if (mapping.Coverage == Coverage.ReadWhenFrozen)
            regions = WithoutAbsent(in mapping, regions);
        _missing.Clear();
        _unreadable = 0;
        long present = 0;
        long held = 0;
        foreach (ref readonly PageRegion region in regions)
        {
            AddressRange part = PageTableLook.Clip(in region, mapping.Range);
            present += PageTableLook.PagesIn(part);
            held += HeldIn(part);
        }

        if (HeldIn(mapping.Range) > held)
            ForgetGaps(mapping.Range, regions);
        if (present > held)
        {
            if (!FaultInRegions(in mapping, regions, isFrozen, limit))
                return false;
            if (isFrozen && IsCopyingOver(isFrozen, limit))
                PagesLeft += present - Math.Min(present, HeldIn(mapping.Range));
        }

        if (isFrozen && mapping.Coverage is Coverage.Polled or Coverage.ReadWhenFrozen)
            MirroredByReading.Add(MemoryNote.Of(in mapping, present));
        if (isFrozen && _unreadable > 0)
        {
            NotMirrored.Add(MemoryNote.Of(in mapping, _unreadable) with
            {
                Reason = "pages that cannot be read: guard pages, or beyond the end of the file",
            });
        }

        return true;
    }

    /// <remarks>
    /// Without the lock: what goes or comes meanwhile is found at the next step, at the latest when the target is frozen.
    /// </remarks>
    private long HeldIn(AddressRange range) => _device.Table.CountIn(range.Start >> PageTable.PageShift, range.Last >> PageTable.PageShift);

    private void ForgetGaps(AddressRange range, ReadOnlySpan<PageRegion> regions)
    {
        ulong next = range.Start;
        foreach (ref readonly PageRegion region in regions)
        {
            ForgetGap(next, region.Start);
            next = region.End;
        }

        ForgetGap(next, range.Last + 1);
    }

    /// <summary>
    /// Reading what is swapped out, or only a marker of the program's own protection, can raise a fault that the frozen program does not
    /// answer: this process would wait for it for ever.
    /// </summary>
    private ReadOnlySpan<PageRegion> WithoutAbsent(scoped in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions)
    {
        List<PageRegion> present = [];
        long absent = 0;
        foreach (ref readonly PageRegion region in regions)
        {
            if ((region.Categories & PageCategories.Present) != 0)
                present.Add(region);
            else
                absent += PageTableLook.PagesIn(PageTableLook.Clip(in region, mapping.Range));
        }

        if (absent > 0)
            NotMirrored.Add(
                MemoryNote.Of(in mapping, absent) with { Reason = "swapped-out pages of memory that the program may watch itself" });
        return CollectionsMarshal.AsSpan(present);
    }

    private void ForgetGap(ulong start, ulong end)
    {
        if (start >= end || HeldIn(new AddressRange(start, end - 1)) == 0)
            return;
        Watch.Counters.Dropped++;
        Watch.Space.Invalidate(new AddressRange(start, end - 1), InvalidationEvent.Clear);
    }

    private bool IsCopyingOver(bool isFrozen, WorkLimit limit) =>
        limit.IsOver && (!isFrozen || PagesFetched - _fetchedBeforeFreeze >= LeastPagesPerFreeze);

    private bool FaultInRegions(in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions, bool isFrozen, WorkLimit limit)
    {
        if (isFrozen && IsCopyingOver(isFrozen, limit))
            return true;
        foreach (ref readonly PageRegion region in regions)
        {
            AddressRange part = PageTableLook.Clip(in region, mapping.Range);
            for (ulong address = part.Start; address <= part.Last; address += PageSize.Bytes)
            {
                // Without the lock: an entry that disappears after the look is found missing at the next step, at the latest when the
                // target is frozen; then only this thread changes the table.
                if (_device.Table[address >> PageTable.PageShift] >= 0 || IsWrittenByKernel(address))
                    continue;
                _missing.Add(address);
                if (_missing.Count < PagesPerFault)
                    continue;
                if (!FaultIn(in mapping))
                    return false;
                if (IsCopyingOver(isFrozen, limit))
                    return true;
            }
        }

        return FaultIn(in mapping);
    }

    private bool IsWrittenByKernel(ulong address)
    {
        foreach (AddressRange buffer in _writtenByKernel)
        {
            if (buffer.Contains(address))
                return true;
        }

        return false;
    }

    /// <summary>Faults in the missing pages gathered so far, all of one mapping.</summary>
    /// <returns>False if the program image is gone.</returns>
    private bool FaultIn(in WatchedMapping mapping)
    {
        int attempts = 0;
        int done = 0;
        Checkpoint();
        while (done < _missing.Count && attempts < MaxFaultAttempts)
        {
            FaultOutcome outcome = FaultThroughNotifier(done, PagesPerFault >> Math.Min(attempts, MaxHalvings), out int pages);
            switch (outcome)
            {
                case FaultOutcome.Done:
                    done += pages;
                    attempts = 0;
                    break;
                case FaultOutcome.NotWatched:
                    attempts++;
                    if (!_device.Watch(mapping.Range))
                        attempts = MaxFaultAttempts;
                    break;
                case FaultOutcome.Retry:
                    attempts++;
                    ReadRetries++;
                    break;
                default:
                    _missing.Clear();
                    return false;
            }
        }

        // What could not be copied now is found missing at the next step.
        _missing.Clear();
        return true;
    }

    /// <param name="first">Index of the first missing page to fault in.</param>
    /// <param name="limit">How many pages at most: fewer after each retry, because a short section meets fewer changes.</param>
    /// <param name="pages">How many were tried.</param>
    private FaultOutcome FaultThroughNotifier(int first, int limit, out int pages)
    {
        pages = 0;
        ulong address = _missing[first];
        foreach (FoundNotifier found in Watch.Space.Find(new AddressRange(address, address + (PageSize.Bytes - 1))))
        {
            // A notifier covers whole pages, so it has the rest of this one as well.
            AddressRange watched = found.Range;
            int count = 1;
            while (count < limit && first + count < _missing.Count && watched.Contains(_missing[first + count]))
                count++;
            pages = count;
            return Fault(found.Notifier, CollectionsMarshal.AsSpan(_missing).Slice(first, count));
        }

        return FaultOutcome.NotWatched;
    }

    /// <summary>
    /// One read section: collect by reading the target, then commit under the device's lock unless something came in between.
    /// </summary>
    /// <remarks>The section never waits: a removal under way can take long, and its pages are found missing again later.</remarks>
    private FaultOutcome Fault(IntervalNotifier notifier, ReadOnlySpan<ulong> addresses)
    {
        Faults++;
        ProcessReadSection section = ProcessReadSection.Begin(
            Watch.Fence, notifier, new AddressRange(addresses[0], addresses[^1] + (PageSize.Bytes - 1)));
        switch (section.Status)
        {
            case ReadStatus.Open:
                break;
            case ReadStatus.Invalidating:
                return FaultOutcome.Done;
            case ReadStatus.Exited or ReadStatus.Failed:
                return FaultOutcome.Gone;
            default:
                return FaultOutcome.Retry;
        }

        fixed (byte* staging = _staging)
        {
            Errno error = Watch.ReadPages(addresses, staging, _wasRead);
            if (error != Errno.None)
                return FaultOutcome.Gone;
        }

        using (_device.Lock.Hold())
        {
            if (section.MustRetry)
                return FaultOutcome.Retry;
            for (int i = 0; i < addresses.Length; i++)
                Commit(addresses[i] >> PageTable.PageShift, i);
        }

        return FaultOutcome.Done;
    }

    private void Commit(ulong page, int index)
    {
        if (!_wasRead[index])
        {
            _unreadable++;
            return;
        }

        _device.Commit(page, _staging.AsSpan(index * PageCopies.PageBytes, PageCopies.PageBytes));
        PagesFetched++;
    }

    private enum FaultOutcome
    {
        /// <summary>Copied, or left for later because an invalidation is under way or an event is being handled.</summary>
        Done,

        /// <summary>No notifier covers the page yet.</summary>
        NotWatched,

        /// <summary>Something changed meanwhile.</summary>
        Retry,

        /// <summary>The program image is gone.</summary>
        Gone,
    }
}
