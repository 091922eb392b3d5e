using MmuNotifier.Hmm;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Taking;
using MmuNotifier.Linux.Userfaultfd;
using MappingBacking = MmuNotifier.Hmm.MappingBacking;

namespace MmuNotifier.Linux.Remote;

/// <content>Taking pages away from the process.</content>
internal sealed unsafe partial class RemoteMemory
{
    /// <summary>Whether the pages that are collected now can be taken out of the process; under the mapping lock.</summary>
    private bool _collectsTakeable;

    /// <inheritdoc/>
    /// <remarks>The mapping lock is held from here until <see cref="FinishPages"/>, which the same thread calls.</remarks>
    protected override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        if (!TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Contains(range) || mapping.PageOrder != 0
            || mapping.Backing == MappingBacking.Device || (mapping.Protection & Protection.Read) == 0)
        {
            return Errno.InvalidArgument;
        }

        WaitForRemovals(range);
        _mappingLock.Enter();
        try
        {
            using (Space.StartInvalidation(range, InvalidationEvent.Migrate, owner))
            {
                for (int i = 0; i < pages.Length; i++)
                    pages[i].Address = range.Start + ((ulong)i * PageBytes);
                CollectDevicePages(select, owner, pages);
                if ((select & MigrateSelect.System) != 0 && !mapping.IsShared)
                    CollectSystemPages(mapping, range, pages);
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
        try
        {
            foreach (ref MigratePage page in pages)
            {
                if (page.CanMove && page.IsToSystem && page.SourceFrame >= DeviceMemory.FirstDeviceFrame)
                {
                    Return(page.Address);
                    page.IsMoved = true;
                }
            }

            for (int i = 0; i < pages.Length;)
            {
                int first = i;
                while (i < pages.Length && IsTaken(pages[i]))
                    i++;
                if (i > first)
                    FinishRun(pages[first..i]);
                else
                    i++;
            }
        }
        finally
        {
            Abandon(range);
            _mappingLock.Exit();
        }
    }

    private static bool IsTaken(in MigratePage page) =>
        page.CanMove && page.DestinationFrame != 0 && page.SourceFrame < DeviceMemory.FirstDeviceFrame;

    private void CollectDevicePages(MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        lock (_taken.Lock)
        {
            foreach (ref MigratePage page in pages)
            {
                if (!_taken.TryFind(page.Address, out TakenPage taken) || taken.State is TakenState.Exclusive or TakenState.Collected
                    || taken.Memory!.Owner != owner)
                {
                    continue;
                }

                MigrateSelect kind = taken.Memory.Kind == DeviceMemoryKind.Private
                    ? MigrateSelect.DevicePrivate : MigrateSelect.DeviceCoherent;
                page.CanMove = (select & kind) != 0;
                page.SourceFrame = page.CanMove ? taken.Frame : 0;
                page.IsWritable = true;
            }
        }
    }

    private void CollectSystemPages(in Mapping mapping, AddressRange range, Span<MigratePage> pages)
    {
        bool canBeTaken = mapping.Backing == MappingBacking.Anonymous;
        _collectsTakeable = canBeTaken;
        if (canBeTaken && !EnsureTakeable(mapping))
            return;
        // From here on, an access of a device to a page that is marked begins anew; those under way have ended.
        _accessGate.EnterWriteLock();
        try
        {
            lock (_taken.Lock)
            {
                foreach (ref MigratePage page in pages)
                {
                    if (_taken.TryFind(page.Address, out _))
                        continue;
                    _taken.Set(page.Address, TakenPage.Collected);
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
        _pageMap.ReadEntries(range.Start, table);
        for (int i = 0; i < pages.Length; i++)
        {
            ref MigratePage page = ref pages[i];
            if (!page.CanMove || page.SourceFrame != 0)
                continue;
            bool exists = (table[i] & (PageTableEntries.Present | PageTableEntries.Swapped)) != 0;
            bool isOfFile = !canBeTaken && (!exists || (table[i] & PageTableEntries.OfFile) != 0);
            page.CanMove = isProtected && !isOfFile;
            page.SourceFrame = exists ? page.Address / PageBytes : 0;
            page.IsWritable = (mapping.Protection & Protection.Write) != 0;
        }
    }

    /// <summary>Makes touches of missing pages of the mapping wait; false if the mapping is not what it was, or of another kind.</summary>
    private bool EnsureTakeable(in Mapping mapping)
    {
        if (!IsKnown(mapping, withMissing: true) && !Register(mapping, withMissing: true))
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
        ProcessMemory.Read(_processId, address, address + PageBytes - 1, destination).Bytes == PageBytes ? Errno.None : Errno.BadAddress;

    private void FinishRun(Span<MigratePage> run)
    {
        // Runs are of one kind of memory: a device has one.
        if (DeviceMemory.Of(run[0].DestinationFrame)!.Kind == DeviceMemoryKind.Coherent || !_collectsTakeable)
            NameOnly(run);
        else
            TakeAway(run, TakenState.Private);
    }

    private void NameOnly(Span<MigratePage> run)
    {
        lock (_taken.Lock)
        {
            foreach (ref MigratePage page in run)
            {
                if (!_taken.TryFind(page.Address, out TakenPage mark) || mark.State != TakenState.Collected)
                    continue;
                _taken.Set(page.Address, new TakenPage(TakenState.Resident, page.DestinationFrame, DeviceMemory.Of(page.DestinationFrame)));
                page.IsMoved = true;
            }
        }

        if (!_collectsTakeable || Calls is not { } calls)
            return;
        // A page of coherent memory exists. One that did not, or was the page of zeros, is made now.
        var range = new AddressRange(run[0].Address, run[^1].Address + PageBytes - 1);
        _serving.WriteProtect(range.Start, range.Last, protect: false);
        calls.Advise(range, run[0].IsWritable ? PopulateWrite : PopulateRead);
    }

    /// <summary>The content has been copied: the process drops the pages, those that are still as they were collected.</summary>
    private void TakeAway(Span<MigratePage> run, TakenState state)
    {
        for (int i = 0; i < run.Length;)
        {
            int first = i;
            lock (_taken.Lock)
            {
                while (i < run.Length && _taken.TryFind(run[i].Address, out TakenPage mark) && mark.State == TakenState.Collected)
                {
                    _taken.Set(run[i].Address, new TakenPage(state, run[i].DestinationFrame, DeviceMemory.Of(run[i].DestinationFrame)));
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
        var range = new AddressRange(run[0].Address, run[^1].Address + PageBytes - 1);
        // The strict question whether this is still the mapping that was collected (linux.md, trap 4).
        Errno error = Calls is not { } calls || !_serving.WriteProtect(range.Start, range.Last, protect: true).Succeeded
            ? Errno.Busy : DropInProcess(calls, range);
        lock (_taken.Lock)
        {
            foreach (ref MigratePage page in run)
            {
                if (error == Errno.None)
                    page.IsMoved = _taken.TryFind(page.Address, out TakenPage taken) && taken.Frame == page.DestinationFrame;
                else if (_taken.TryFind(page.Address, out TakenPage taken) && taken.Frame == page.DestinationFrame)
                    _taken.Set(page.Address, TakenPage.Collected);
            }
        }
    }

    private Errno DropInProcess(IProgramCalls calls, AddressRange range)
    {
        lock (_taken.Lock)
            _ownDrops.Add(range);
        Errno error = calls.Advise(range, DontNeedLocked);
        if (error != Errno.None)
        {
            lock (_taken.Lock)
                _ownDrops.Remove(range);
        }

        return error;
    }

    /// <summary>Puts back what is still collected in the range, and lets those go on who wait for it.</summary>
    private void Abandon(AddressRange range)
    {
        lock (_taken.Lock)
        {
            foreach (ulong address in _taken.AddressesIn(range))
            {
                if (_taken.TryFind(address, out TakenPage page) && page.State == TakenState.Collected)
                    _taken.Remove(address, out _);
            }

            // Pages that were protected and have not gone. It fails where nothing is registered, and then there is nothing to undo.
            _serving.WriteProtect(range.Start, range.Last, protect: false);
        }

        _serving.Wake(range.Start, range.Last);
    }
}
