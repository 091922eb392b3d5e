using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>madvise.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Advise(ulong address, ulong length, Advice advice)
    {
        if (!Enum.IsDefined(advice) || !IsPageAligned(address))
            return Errno.InvalidArgument;
        ulong size = PageAlign(length);
        if ((length != 0 && size == 0) || size > ulong.MaxValue - address)
            return Errno.InvalidArgument;
        ulong end = address + size;
        if (size == 0)
            return Errno.None;
        return advice switch
        {
            Advice.PopulateRead => AdvisePopulate(address, end, isWrite: false),
            Advice.PopulateWrite => AdvisePopulate(address, end, isWrite: true),
            Advice.Remove => AdviseRemove(address, end),
            _ => AdviseEach(address, end, advice),
        };
    }

    // Holes do not stop it, but are reported at the end.
    private Errno AdviseEach(ulong start, ulong end, Advice advice)
    {
        using (_mappingLock.Hold())
        {
            ulong reached = start;
            bool hasHole = false;
            while (reached < end)
            {
                int index = _areas.IndexFrom(reached);
                if (index == _areas.Count || _areas[index].Start >= end)
                    return Errno.NoMemory;
                Area area = _areas[index];
                hasHole |= area.Start > reached;
                reached = Math.Max(reached, area.Start);
                ulong until = Math.Min(area.End, end);
                Errno error = AdviseArea(area, reached, until, advice);
                if (error != Errno.None)
                    return error;
                reached = until;
            }

            return hasHole ? Errno.NoMemory : Errno.None;
        }
    }

    private Errno AdviseArea(Area area, ulong start, ulong end, Advice advice)
    {
        switch (advice)
        {
            case Advice.DontNeed:
                return DontNeed(area, start, end);
            case Advice.Free:
                return area.IsPlainAnonymous ? FreeLazily(start, end) : Errno.InvalidArgument;
            case Advice.WipeOnFork when !area.IsPlainAnonymous:
                return Errno.InvalidArgument;
            case Advice.Collapse:
                return Collapse(area, start, end);
            default:
                return ChangeFlags(area, start, end, FlagsAfter(area.Flags, advice));
        }
    }

    private static AreaFlags FlagsAfter(AreaFlags flags, Advice advice) => advice switch
    {
        Advice.DontFork => flags | AreaFlags.DontFork,
        Advice.DoFork => flags & ~AreaFlags.DontFork,
        Advice.WipeOnFork => flags | AreaFlags.WipeOnFork,
        Advice.KeepOnFork => flags & ~AreaFlags.WipeOnFork,
        Advice.HugePage => (flags | AreaFlags.HugePage) & ~AreaFlags.NoHugePage,
        Advice.NoHugePage => (flags | AreaFlags.NoHugePage) & ~AreaFlags.HugePage,
        _ => flags,
    };

    private Errno ChangeFlags(Area area, ulong start, ulong end, AreaFlags flags)
    {
        if (area.Flags == flags)
            return Errno.None;
        Errno error = SplitFor(start, end);
        if (error != Errno.None)
            return error;
        using (TableLock.Hold())
        {
            _areas.At(start)!.Flags = flags;
            _areas.Join(start, end);
        }

        return Errno.None;
    }

    private Errno DontNeed(Area area, ulong start, ulong end)
    {
        if (area.IsHugeTlb)
        {
            if (start % PageTable.HugeBytes != 0)
                return Errno.InvalidArgument;
            end = PageTable.BlockOf(end);
            if (start == end)
                return Errno.None;
        }

        SplitHuge(start);
        SplitHuge(end);
        using (Space.StartInvalidation(new AddressRange(start, end - 1), InvalidationEvent.Clear))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
            {
                int missing = MissingBlocks(start, end);
                DropEntries(start, end);
                if ((area.Flags & AreaFlags.Reserved) != 0)
                    Machine.HugeTlb.TryReserve(MissingBlocks(start, end) - missing);
                TableLock.MigrationEnded();
            }
        }

        return Errno.None;
    }

    private Errno FreeLazily(ulong start, ulong end)
    {
        SplitHuge(start);
        SplitHuge(end);
        using (Space.StartInvalidation(new AddressRange(start, end - 1), InvalidationEvent.Clear))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
            {
                for (ulong address = start; _table.TryFindEntry(ref address, end - 1); address += PageBytes)
                {
                    if (IsReclaimable(_table.Get(address)))
                        Frames.InfoOf(_table.Get(address).Frame).IsLazilyFree = true;
                }
            }
        }

        return Errno.None;
    }

    /// <summary>Drops the pages that may be dropped (MADV_FREE) and were not written since, as reclaim does when memory is short.</summary>
    internal void ReclaimLazilyFreed()
    {
        using (_mappingLock.Hold())
        {
            ulong address = 0;
            while (TryFindLazilyFree(ref address))
            {
                SplitBlock(address);
                using (Space.StartInvalidation(PageAt(address), InvalidationEvent.Clear))
                {
                    SchedulingPoint.Mark();
                    using (TableLock.Hold())
                    {
                        if (IsLazilyFree(_table.Get(address)))
                            DropEntries(address, address + PageBytes);
                    }
                }

                address += PageBytes;
            }
        }
    }

    private bool TryFindLazilyFree(ref ulong address)
    {
        using (TableLock.Hold())
        {
            foreach (Area area in _areas.In(address, AreaList.TaskSize))
            {
                for (address = Math.Max(address, area.Start); _table.TryFindEntry(ref address, area.Last); address += PageBytes)
                {
                    if (IsLazilyFree(_table.Get(address)))
                        return true;
                }
            }

            return false;
        }
    }

    // What others share is kept, as by the kernel.
    private bool IsReclaimable(Pte entry) =>
        entry is { State: PageState.Present, Frame: < DeviceMemory.FirstDeviceFrame }
        && Frames.IsAnonymous(entry.Frame) && Frames.ReferencesOf(entry.Frame) == 1;

    private bool IsLazilyFree(Pte entry) => IsReclaimable(entry) && Frames.InfoOf(entry.Frame).IsLazilyFree;

    private Errno AdvisePopulate(ulong start, ulong end, bool isWrite)
    {
        for (ulong address = start; address < end; address += PageBytes)
        {
            if (!TryFindMapping(address, out Mapping mapping) || mapping.Range.Start > address)
                return Errno.NoMemory;
            if ((mapping.Protection & (isWrite ? Protection.Write : Protection.Read)) == 0)
                return Errno.InvalidArgument;
            Errno error = Touch(address, isWrite, owner: null);
            if (error != Errno.None)
                return error == Errno.NotPermitted ? Errno.InvalidArgument : error;
        }

        return Errno.None;
    }

    private Errno AdviseRemove(ulong start, ulong end)
    {
        bool hasHole = false;
        while (start < end)
        {
            SimulatedFile file;
            ulong offset;
            ulong until;
            using (TableLock.Hold())
            {
                int index = _areas.IndexFrom(start);
                if (index == _areas.Count || _areas[index].Start >= end)
                    return Errno.NoMemory;
                Area area = _areas[index];
                hasHole |= area.Start > start;
                start = Math.Max(start, area.Start);
                if (area.File is null)
                    return Errno.InvalidArgument;
                if (!area.IsShared)
                    return Errno.AccessDenied;
                file = area.File;
                offset = area.PageOf(start) * PageBytes;
                until = Math.Min(area.End, end);
            }

            Errno error = file.PunchHole(offset, until - start);
            if (error != Errno.None)
                return error;
            start = until;
        }

        return hasHole ? Errno.NoMemory : Errno.None;
    }
}
