using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>MADV_COLLAPSE: small pages become a huge page.</content>
public sealed partial class SimulatedMemory
{
    private Errno Collapse(Area area, ulong start, ulong end)
    {
        if (!area.IsPlainAnonymous || !Machine.Options.TransparentHugePages || (area.Flags & AreaFlags.NoHugePage) != 0)
            return Errno.InvalidArgument;
        Errno result = Errno.None;
        for (ulong block = HugeAlign(start); block + PageTable.HugeBytes <= end; block += PageTable.HugeBytes)
        {
            Errno error = CollapseBlock(block);
            result = result == Errno.None ? error : result;
        }

        return result;
    }

    private Errno CollapseBlock(ulong block)
    {
        using (TableLock.Hold())
        {
            if (_table.IsHuge(block) && _table.Get(block).State == PageState.Present)
                return Errno.None;
            if (!_table.HasEntries(block))
                return Errno.InvalidArgument;
        }

        using (Space.StartInvalidation(BlockAt(block), InvalidationEvent.Clear))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
                return CollapseEntries(block);
        }
    }

    // Pages that are on a device, migrate or are shared with another address space are in the way.
    private Errno CollapseEntries(ulong block)
    {
        bool isWritable = false;
        for (ulong page = block; page <= BlockAt(block).Last; page += PageBytes)
        {
            Pte entry = _table.Get(page);
            if (entry.State is not (PageState.None or PageState.Zero) && !IsReclaimable(entry))
                return Errno.InvalidArgument;
            isWritable |= entry.IsWritable;
        }

        if (!Frames.TryAllocateBlock(out ulong frame))
            return Errno.NoMemory;
        for (ulong i = 0; i < PageTable.HugePages; i++)
        {
            Pte entry = _table.Get(block + (i * PageBytes));
            if (entry.State != PageState.None)
                Frames.Copy(entry.Frame, frame + i);
        }

        DropEntries(block, block + PageTable.HugeBytes);
        _areas.At(block)!.HasAnonymous = true;
        _table.SetHuge(block, new Pte { State = PageState.Present, Frame = frame, IsWritable = isWritable });
        return Errno.None;
    }
}
