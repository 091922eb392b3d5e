using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>munmap, and taking entries away.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno Unmap(ulong address, ulong length)
    {
        if (!IsPageAligned(address) || address > AreaList.TaskSize || length > AreaList.TaskSize - address || PageAlign(length) == 0)
            return Errno.InvalidArgument;
        using (_mappingLock.Hold())
            return UnmapLocked(address, address + PageAlign(length));
    }

    /// <summary>Takes the mappings out of a range, if there are any.</summary>
    private Errno UnmapLocked(ulong start, ulong end)
    {
        _mappingLock.AssertHeld();
        if (!_areas.HasAny(start, end))
            return Errno.None;
        Errno error = SplitFor(start, end);
        if (error != Errno.None)
            return error;
        using (Space.StartInvalidation(new AddressRange(start, end - 1), InvalidationEvent.Unmap))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
            {
                foreach (Area area in _areas.In(start, end))
                    DropArea(area);
                _areas.Remove(start, end);
                TableLock.MigrationEnded();
            }
        }

        return Errno.None;
    }

    /// <summary>Splits the mappings, and the huge pages, at both ends of a range.</summary>
    private Errno SplitFor(ulong start, ulong end)
    {
        _mappingLock.AssertHeld();
        foreach (ulong edge in (ReadOnlySpan<ulong>)[start, end])
        {
            if (_areas.At(edge) is not { } area || area.Start == edge)
                continue;
            if (area.IsHugeTlb && edge % PageTable.HugeBytes != 0)
                return Errno.InvalidArgument;
            if (_areas.Count >= Machine.Options.MaximumMappings)
                return Errno.NoMemory;
            SplitHuge(edge);
            using (TableLock.Hold())
                _areas.SplitAt(edge);
        }

        return Errno.None;
    }

    /// <summary>Splits a huge entry that the address lies inside, not at the start of (<c>split_huge_pmd</c>).</summary>
    private void SplitHuge(ulong edge)
    {
        _mappingLock.AssertHeld();
        if (edge % PageTable.HugeBytes != 0)
            SplitBlock(edge);
    }

    private void SplitBlock(ulong address)
    {
        using (TableLock.Hold())
        {
            if (!_table.IsHuge(address))
                return;
        }

        using (Space.StartInvalidation(BlockAt(address), InvalidationEvent.Clear))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
                SplitEntry(address);
        }
    }

    private void SplitEntry(ulong address)
    {
        TableLock.AssertHeld();
        if (!_table.IsHuge(address))
            return;
        Pte entry = _table.Get(PageTable.BlockOf(address));
        _table.Split(address);
        if (entry.State != PageState.Zero)
            return;
        for (ulong page = PageTable.BlockOf(address); page <= BlockAt(address).Last; page += PageBytes)
            _table.Set(page, ZeroEntry);
    }

    /// <summary>Under both locks: all entries of a mapping that goes.</summary>
    private void DropArea(Area area)
    {
        if ((area.Flags & AreaFlags.Reserved) != 0)
            Machine.HugeTlb.Unreserve(MissingBlocks(area.Start, area.End));
        DropEntries(area.Start, area.End);
    }

    private int MissingBlocks(ulong start, ulong end)
    {
        int missing = 0;
        for (ulong block = start; block < end; block += PageTable.HugeBytes)
            missing += _table.HasEntries(block) ? 0 : 1;
        return missing;
    }

    /// <summary>Huge entries that reach over an edge are split before.</summary>
    private void DropEntries(ulong start, ulong end)
    {
        TableLock.AssertHeld();
        for (ulong address = start; _table.TryFindEntry(ref address, end - 1); address += PageBytes)
        {
            Pte entry = _table.Get(address);
            if (entry.Order == 0)
            {
                _table.Set(address, default);
                if (entry.HasFrame)
                    Frames.Release(entry.Frame);
                continue;
            }

            _table.SetHuge(address, default);
            ReleaseHuge(entry);
            address += PageTable.HugeBytes - PageBytes;
        }
    }

    private void ReleaseHuge(Pte first)
    {
        if (!first.HasFrame)
            return;
        for (ulong i = 0; i < PageTable.HugePages; i++)
            Frames.Release(first.Frame + i);
        Machine.HugeTlb.Reclaim(first.Frame);
    }
}
