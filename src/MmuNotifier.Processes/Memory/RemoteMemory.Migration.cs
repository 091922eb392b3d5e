using System.Runtime.InteropServices;
using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Taking pages away from the process.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <inheritdoc/>
    /// <remarks>The mapping lock is held from here until <see cref="FinishPages"/>, which the same thread calls.</remarks>
    protected override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        if (!TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Contains(range) || mapping.PageOrder != 0
            || mapping.Backing == MappingBacking.Device || (mapping.Protection & Protection.Read) == 0)
        {
            return Errno.InvalidArgument;
        }

        long finishedRemovals = WaitForRemovals(range);
        _mappingLock.Enter();
        try
        {
            using (Space.StartInvalidation(range, InvalidationEvent.Migrate, owner))
            {
                for (int i = 0; i < pages.Length; i++)
                    pages[i].Address = range.Start + ((ulong)i * PageBytes);
                lock (_taken.Lock)
                    _taken.CollectForReturn(select, owner, pages);
                if ((select & MigrateSelect.System) != 0 && !mapping.IsShared)
                    CollectSystemPages(mapping, range, pages, finishedRemovals);
            }
        }
        catch
        {
            Abandon(range);
            _mappingLock.Exit();
            throw;
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    protected override void CopyPages(Span<MigratePage> pages)
    {
        _mappingLock.AssertHeld();
        Span<MigratePage> rest = pages;
        while (PageRuns.TryTakeNext(ref rest, IsToCopy, out Span<MigratePage> run))
        {
            while (!run.IsEmpty)
            {
                Span<MigratePage> part = run[..PageRuns.CountFollowing(run)];
                run = run[part.Length..];
                if (part.Length > 1 && TryCopyOut(part))
                    continue;
                foreach (ref MigratePage page in part)
                    page.CanMove = TryCopyOut(MemoryMarshal.CreateSpan(ref page, 1));
            }
        }
    }

    /// <inheritdoc/>
    protected override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages)
    {
        _mappingLock.AssertHeld();
        List<(AddressRange Range, bool IsWritable)> toPopulate = [];
        try
        {
            ReturnCollected(pages);
            Span<MigratePage> rest = pages;
            while (PageRuns.TryTakeNext(ref rest, IsTaken, out Span<MigratePage> run))
                FinishRun(run, toPopulate);
        }
        finally
        {
            Abandon(range);
            _mappingLock.Exit();
        }

        // Not under the lock: a page of the range may be another device's by now, and its return takes the lock.
        foreach ((AddressRange run, bool isWritable) in toPopulate)
            Calls?.Advise(run, isWritable ? PopulateWrite : PopulateRead);
    }

    // Pages that return to the process are copied when they do. One that was never touched consists of zeros, as its frame does. Of
    // coherent memory the content stays where it is.
    private static bool IsToCopy(in MigratePage page) =>
        page.CanMove && page.DestinationFrame != 0 && page.SourceFrame != 0
            && DeviceMemory.Of(page.DestinationFrame)!.Kind == DeviceMemoryKind.Private;

    private bool TryCopyOut(Span<MigratePage> run)
    {
        AddressRange range = PageRuns.RangeOf(run);
        byte* destination = DeviceMemory.Of(run[0].DestinationFrame)!.AddressOf(run[0].DestinationFrame);
        return (ulong)ReadProcess(range.Start, range.Last, destination).Bytes == range.Length;
    }

    private static bool IsTaken(in MigratePage page) =>
        page.CanMove && page.DestinationFrame != 0 && page.SourceFrame < DeviceMemory.FirstDeviceFrame;

    private void CollectSystemPages(in Mapping mapping, AddressRange range, Span<MigratePage> pages, long finishedRemovals)
    {
        bool canBeTaken = mapping.Backing == MappingBacking.Anonymous;
        _collectsTakeable = canBeTaken;
        if (canBeTaken && !EnsureTakeable(mapping))
            return;
        // From here on, an access of a device to a page that is marked starts again; those under way have ended.
        _accessGate.EnterWriteLock();
        try
        {
            lock (_taken.Lock)
                MarkCollected(pages, finishedRemovals);
        }
        finally
        {
            _accessGate.ExitWriteLock();
        }

        ulong[] before = new ulong[pages.Length];
        ulong[] table = new ulong[pages.Length];
        // Only pages that exist are protected: a protected page that does not reads as one that is swapped out. A page that exists and is
        // taken for one that does not would lose its content; so one that has come in between stays.
        bool isKnown = _pageMap.ReadEntries(range.Start, before);
        bool isProtected = !canBeTaken || (isKnown && ProtectExisting(pages, before));
        isKnown &= _pageMap.ReadEntries(range.Start, table);
        for (int i = 0; i < pages.Length; i++)
        {
            ref MigratePage page = ref pages[i];
            if (!page.CanMove || page.SourceFrame != 0)
                continue;
            bool exists = PageTableEntries.Exists(table[i]);
            bool isNew = canBeTaken && exists && !PageTableEntries.Exists(before[i]);
            bool isOfFile = !canBeTaken && (!exists || (table[i] & PageTableEntries.OfFile) != 0);
            page.CanMove = isProtected && isKnown && !isOfFile && !isNew;
            page.SourceFrame = exists ? page.Address / PageBytes : 0;
            page.IsWritable = (mapping.Protection & Protection.Write) != 0;
        }

        if (canBeTaken)
            MarkWhole(range, pages);
    }

    private void MarkCollected(Span<MigratePage> pages, long finishedRemovals)
    {
        _taken.Lock.AssertHeld();
        for (int i = 0; i < pages.Length; i++)
        {
            Span<MigratePage> rest = pages[i..];
            ulong address = rest[0].Address;
            bool isWhole = HugePage.StartsIn(rest) && !_removals.MayDropAny(HugePage.RangeOf(address), after: finishedRemovals)
                && _taken.TryCollectBlock(address);
            if (!isWhole)
            {
                if (_taken.TryFind(address, out _) || _removals.MayDrop(address, after: finishedRemovals))
                    continue;
                _taken.Collect(address);
                _wholeBlocks.Remove(HugePage.StartOf(address));
            }

            int count = isWhole ? HugePage.Pages : 1;
            foreach (ref MigratePage page in rest[..count])
                page.CanMove = true;
            i += count - 1;
        }
    }

    // A block moves as a whole if the process has a huge page there, or had one that came back from a device as small pages: only those can
    // be put into a process from outside. And if it has nothing there, or the huge page of zeros.
    private void MarkWhole(AddressRange range, Span<MigratePage> pages)
    {
        if (pages.Length < HugePage.Pages)
            return;
        bool[] isHuge = new bool[pages.Length];
        PageTableEntries.FindHuge(_pageMap, range, isHuge);
        lock (_taken.Lock)
        {
            for (int i = 0; i < pages.Length; i++)
            {
                Span<MigratePage> rest = pages[i..];
                if (!HugePage.StartsIn(rest) || !_taken.TryFindBlock(rest[0].Address, out TakenPage block)
                    || block.State != TakenState.Collected)
                {
                    continue;
                }

                bool wasHuge = _wholeBlocks.Remove(rest[0].Address) || isHuge[i];
                bool isWhole = true;
                foreach (ref readonly MigratePage page in rest[..HugePage.Pages])
                    isWhole &= page.CanMove && (page.SourceFrame != 0) == wasHuge;
                rest[0].Order = isWhole ? HugePage.Order : (byte)0;
                i += HugePage.Pages - 1;
            }
        }
    }

    /// <summary>Makes touches of missing pages of the mapping wait; false if the mapping is not what it was, or of another kind.</summary>
    private bool EnsureTakeable(in Mapping mapping)
    {
        if (!_mappings.IsKnown(mapping, withMissing: true) && !_mappings.Register(mapping, withMissing: true))
            return false;
        return TryQuery(mapping.Range.Start, out Mapping now) && now == mapping;
    }

    private bool ProtectExisting(Span<MigratePage> pages, ReadOnlySpan<ulong> table)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            int first = i;
            while (i < pages.Length && PageTableEntries.Exists(table[i]))
                i++;
            if (i > first && !ProtectAgainstWrites(PageRuns.RangeOf(pages[first..i])))
                return false;
        }

        return true;
    }

    private bool ProtectAgainstWrites(AddressRange range)
    {
        long end = Environment.TickCount64 + (long)WaitLimit.TotalMilliseconds;
        while (true)
        {
            UserfaultfdResult result = _serving.WriteProtect(range.Start, range.Last, protect: true);
            if (result.Status != UserfaultfdStatus.EventPending || Environment.TickCount64 > end)
                return result.Succeeded;
            Thread.Sleep(0); // The event reader is about to read it.
        }
    }

    private Errno CopyOut(ulong address, byte* destination) =>
        ReadProcess(address, address + PageBytes - 1, destination).Bytes == PageBytes ? Errno.None : Errno.BadAddress;

    private void FinishRun(Span<MigratePage> run, List<(AddressRange Range, bool IsWritable)> toPopulate)
    {
        // Runs are of one kind of memory: a device has one.
        if (DeviceMemory.Of(run[0].DestinationFrame)!.Kind == DeviceMemoryKind.Coherent || !_collectsTakeable)
            NameOnly(run, toPopulate);
        else
            TakeAway(run, TakenState.Private);
    }

    private void NameOnly(Span<MigratePage> run, List<(AddressRange Range, bool IsWritable)> toPopulate)
    {
        DeviceMemory memory = DeviceMemory.Of(run[0].DestinationFrame)!;
        lock (_taken.Lock)
        {
            for (int i = 0; i < run.Length;)
            {
                int count = NameFirst(run[i..], memory);
                foreach (ref MigratePage page in run.Slice(i, count))
                {
                    // The content stays in the process: nobody may read or write the frame's own bytes.
                    memory.Revoke(page.DestinationFrame);
                    page.IsMoved = true;
                }

                i += Math.Max(count, 1);
            }
        }

        // A page of coherent memory exists. One that did not, or was the page of zeros, is made in the end.
        if (_collectsTakeable)
            toPopulate.Add((PageRuns.RangeOf(run), run[0].IsWritable));
    }

    // As many of the first pages as have become the device's by name: a whole block, a page, or none.
    private int NameFirst(Span<MigratePage> rest, DeviceMemory memory)
    {
        _taken.Lock.AssertHeld();
        var named = new TakenPage(TakenState.Resident, rest[0].DestinationFrame, memory);
        if (PageRuns.IsWhole(rest) && _taken.TryFindBlock(rest[0].Address, out TakenPage block) && block.State == TakenState.Collected)
        {
            _taken.PutBlock(rest[0].Address, named);
            return HugePage.Pages;
        }

        if (!_taken.TryFind(rest[0].Address, out TakenPage mark) || mark.State != TakenState.Collected)
            return 0;
        _taken.Put(rest[0].Address, named);
        return 1;
    }

    /// <summary>
    /// The content has been copied: the process drops the pages that are still as they were collected. Their frames are the table's from
    /// here on, and this thread's again only where it finds them there afterwards: an event may have removed or moved a page meanwhile.
    /// </summary>
    private void TakeAway(Span<MigratePage> run, TakenState state)
    {
        for (int i = 0; i < run.Length;)
        {
            int first = i;
            lock (_taken.Lock)
            {
                while (i < run.Length && TryLetLeave(run[i..], state, out int count))
                    i += count;
            }

            if (i == first)
                i++;
            else
                Drop(run[first..i]);
        }
    }

    private bool TryLetLeave(Span<MigratePage> rest, TakenState state, out int count)
    {
        _taken.Lock.AssertHeld();
        ulong frame = rest[0].DestinationFrame;
        var leaving = new TakenPage(state, frame, DeviceMemory.Of(frame), PageTransit.Leaving);
        count = 1;
        if (PageRuns.IsWhole(rest) && _taken.TryFindBlock(rest[0].Address, out TakenPage block) && block.State == TakenState.Collected)
        {
            _taken.PutBlock(rest[0].Address, leaving);
            count = HugePage.Pages;
            return true;
        }

        if (!_taken.TryFind(rest[0].Address, out TakenPage mark) || mark.State != TakenState.Collected)
            return false;
        _taken.Put(rest[0].Address, leaving);
        return true;
    }

    private void Drop(Span<MigratePage> run)
    {
        AddressRange range = PageRuns.RangeOf(run);
        // The strict question whether this is still the mapping that was collected (docs/linux-facts.md, fact 4).
        bool isAsked = Calls is not null && _serving.WriteProtect(range.Start, range.Last, protect: true).Succeeded;
        Errno error = isAsked ? DropInProcess(Calls!, range) : Errno.Busy;
        long end = Environment.TickCount64 + (long)WaitLimit.TotalMilliseconds;
        bool? hasLeft = error == Errno.None ? true : isAsked ? null : false;
        // A protected page that does not exist reads as one that is swapped out, which is what a page of a device looks like to a program.
        if (hasLeft == true)
            _serving.WriteProtect(range.Start, range.Last, protect: true);
        for (int i = 0; i < run.Length; i++)
        {
            if (hasLeft == true && TryEndLeavingWhole(run[i..]))
            {
                i += HugePage.Pages - 1;
                continue;
            }

            while (!TryEndLeaving(ref run[i], hasLeft, isLate: Environment.TickCount64 > end))
                Thread.Sleep(0);
        }
    }

    private bool TryEndLeavingWhole(Span<MigratePage> rest)
    {
        if (!PageRuns.IsWhole(rest))
            return false;
        lock (_taken.Lock)
        {
            bool isHere = _taken.TryFindBlock(rest[0].Address, out TakenPage block) && block.Frame == rest[0].DestinationFrame
                && block.Transit == PageTransit.Leaving;
            if (!isHere)
                return false;
            _taken.SetBlockTransit(rest[0].Address, PageTransit.None);
        }

        foreach (ref MigratePage page in rest[..HugePage.Pages])
            page.IsMoved = true;
        return true;
    }

    /// <summary>
    /// The process has answered: the page is the device's, or the process's again, wherever it is by now. Its frame is the migration's
    /// again only if the process has kept the page.
    /// </summary>
    /// <param name="page">The page as it was collected.</param>
    /// <param name="hasLeft">
    /// Whether the process has dropped it; null after a failure, which may have come before or after its turn.
    /// </param>
    /// <param name="isLate">
    /// Nothing is waited for any more: what is not known to be in the process has left, and its content is kept.
    /// </param>
    /// <returns>False if that is not known now, because a change is under way whose event has not been read.</returns>
    private bool TryEndLeaving(ref MigratePage page, bool? hasLeft, bool isLate)
    {
        lock (_taken.Lock)
        {
            if (!_taken.TryFindLeaving(page.DestinationFrame, out ulong address))
            {
                page.DestinationFrame = 0; // An event has removed the page, and with it the frame.
                return true;
            }

            if (hasLeft is null)
            {
                bool isInProcess = IsKnownToHave(address);
                // Asked afterwards: a page that has just moved is missed here, and its event not read.
                if (!isInProcess && !isLate && _serving.IsChangePending())
                    return false;
                hasLeft = !isInProcess;
            }

            EndLeaving(ref page, address, hasLeft.Value);
            return true;
        }
    }

    // A page of which this is not known counts as gone: should the process have it after all, it will not be replaced when it comes back.
    private bool IsKnownToHave(ulong address)
    {
        ulong entry = 0;
        return _pageMap.ReadEntries(address, new Span<ulong>(ref entry)) && PageTableEntries.Exists(entry);
    }

    private void EndLeaving(ref MigratePage page, ulong address, bool hasLeft)
    {
        bool hasMoved = address != page.Address;
        if (hasLeft)
        {
            _taken.SetTransit(address, PageTransit.None);
            page.IsMoved = !hasMoved;
            if (hasMoved)
                page.DestinationFrame = 0; // The table's, at the new place.
        }
        else
        {
            _taken.Remove(address, out _);
            if (hasMoved)
                _serving.WriteProtect(address, address + PageBytes - 1, protect: false);
            else
                _taken.Collect(address);
        }

        // What stayed at its place is woken when the whole range has been dealt with.
        if (hasMoved)
            _serving.Wake(address, address + PageBytes - 1);
    }

    private Errno DropInProcess(IProgramCalls calls, AddressRange range)
    {
        lock (_taken.Lock)
            _ownDrops.Expect(range);
        Errno error = calls.Advise(range, DontNeedLocked);
        lock (_taken.Lock)
            _ownDrops.End(range);
        return error;
    }

    /// <summary>Puts back what is still collected in the range, and releases the threads that wait for it.</summary>
    private void Abandon(AddressRange range)
    {
        lock (_taken.Lock)
        {
            _taken.RemoveCollected(range);
            _taken.EndReturn(range);

            // Pages that were protected and have not gone. It fails where nothing is registered, and then there is nothing to undo.
            ulong next = range.Start;
            foreach ((ulong address, TakenPage entry) in _taken.EntriesIn(range))
            {
                if (!entry.IsAway)
                    continue;
                if (address > next)
                    _serving.WriteProtect(next, address - 1, protect: false);
                next = address + ((ulong)PageBytes << entry.Order);
            }

            if (next <= range.Last)
                _serving.WriteProtect(next, range.Last, protect: false);
        }

        _serving.Wake(range.Start, range.Last);
    }
}
