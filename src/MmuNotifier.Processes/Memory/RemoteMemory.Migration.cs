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
    protected override Errno CopyPage(ref MigratePage page)
    {
        if (page.DestinationFrame == 0 || page.SourceFrame == 0)
            return Errno.None; // Back to the process: copied when it is brought back. Never touched: zeros, as the frame is.
        DeviceMemory destination = DeviceMemory.Of(page.DestinationFrame)!;
        if (destination.Kind == DeviceMemoryKind.Coherent)
            return Errno.None;
        return CopyOut(page.Address, destination.AddressOf(page.DestinationFrame));
    }

    /// <inheritdoc/>
    protected override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages)
    {
        List<(AddressRange Range, bool IsWritable)> toPopulate = [];
        try
        {
            foreach (ref MigratePage page in pages)
            {
                if (page.CanMove && page.IsToSystem && page.SourceFrame >= DeviceMemory.FirstDeviceFrame)
                    page.IsMoved = Return(page.Address, WaitLimit) != ReturnOutcome.StillAway;
            }

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
            {
                foreach (ref MigratePage page in pages)
                {
                    if (_taken.TryFind(page.Address, out _) || _removals.MayDrop(page.Address, after: finishedRemovals))
                        continue;
                    _taken.Collect(page.Address);
                    page.CanMove = true;
                }
            }
        }
        finally
        {
            _accessGate.ExitWriteLock();
        }

        bool isProtected = !canBeTaken || ProtectAgainstWrites(range);
        ulong[] table = new ulong[pages.Length];
        // A page that exists and is taken for one that does not would lose its content.
        bool isKnown = _pageMap.ReadEntries(range.Start, table);
        for (int i = 0; i < pages.Length; i++)
        {
            ref MigratePage page = ref pages[i];
            if (!page.CanMove || page.SourceFrame != 0)
                continue;
            bool exists = (table[i] & (PageTableEntries.Present | PageTableEntries.Swapped)) != 0;
            bool isOfFile = !canBeTaken && (!exists || (table[i] & PageTableEntries.OfFile) != 0);
            page.CanMove = isProtected && isKnown && !isOfFile;
            page.SourceFrame = exists ? page.Address / PageBytes : 0;
            page.IsWritable = (mapping.Protection & Protection.Write) != 0;
        }
    }

    /// <summary>Makes touches of missing pages of the mapping wait; false if the mapping is not what it was, or of another kind.</summary>
    private bool EnsureTakeable(in Mapping mapping)
    {
        if (!_mappings.IsKnown(mapping, withMissing: true) && !_mappings.Register(mapping, withMissing: true))
            return false;
        return TryQuery(mapping.Range.Start, out Mapping now) && now == mapping;
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
        lock (_taken.Lock)
        {
            foreach (ref MigratePage page in run)
            {
                if (!_taken.TryFind(page.Address, out TakenPage mark) || mark.State != TakenState.Collected)
                    continue;
                DeviceMemory memory = DeviceMemory.Of(page.DestinationFrame)!;
                // The content stays in the process: nobody may read or write the frame's own bytes.
                memory.Revoke(page.DestinationFrame);
                _taken.Put(page.Address, new TakenPage(TakenState.Resident, page.DestinationFrame, memory));
                page.IsMoved = true;
            }
        }

        // A page of coherent memory exists. One that did not, or was the page of zeros, is made in the end.
        if (_collectsTakeable)
            toPopulate.Add((PageRuns.RangeOf(run), run[0].IsWritable));
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
                while (i < run.Length && _taken.TryFind(run[i].Address, out TakenPage mark) && mark.State == TakenState.Collected)
                {
                    ulong frame = run[i].DestinationFrame;
                    _taken.Put(run[i].Address, new TakenPage(state, frame, DeviceMemory.Of(frame), PageTransit.Leaving));
                    i++;
                }
            }

            if (i == first)
                i++;
            else
                Drop(run[first..i]);
        }
    }

    private void Drop(Span<MigratePage> run)
    {
        AddressRange range = PageRuns.RangeOf(run);
        // The strict question whether this is still the mapping that was collected (docs/linux-facts.md, fact 4).
        bool isAsked = Calls is not null && _serving.WriteProtect(range.Start, range.Last, protect: true).Succeeded;
        Errno error = isAsked ? DropInProcess(Calls!, range) : Errno.Busy;
        long end = Environment.TickCount64 + (long)WaitLimit.TotalMilliseconds;
        foreach (ref MigratePage page in run)
        {
            bool? hasLeft = error == Errno.None ? true : isAsked ? null : false;
            while (!TryEndLeaving(ref page, hasLeft, isLate: Environment.TickCount64 > end))
                Thread.Sleep(0);
        }
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
        return _pageMap.ReadEntries(address, new Span<ulong>(ref entry))
            && (entry & (PageTableEntries.Present | PageTableEntries.Swapped)) != 0;
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
            foreach (ulong address in _taken.AddressesIn(range))
            {
                if (_taken.TryFind(address, out TakenPage page) && page.State == TakenState.Collected)
                    _taken.Remove(address, out _);
            }

            _taken.EndReturn(range);

            // Pages that were protected and have not gone. It fails where nothing is registered, and then there is nothing to undo.
            _serving.WriteProtect(range.Start, range.Last, protect: false);
        }

        _serving.Wake(range.Start, range.Last);
    }
}
