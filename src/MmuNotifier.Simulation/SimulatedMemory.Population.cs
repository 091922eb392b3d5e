using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>The first touch of a page. All under both locks; no entry was there, so no invalidation is needed.</content>
public sealed partial class SimulatedMemory
{
    private Errno MakePage(Area area, ulong address, bool isWrite)
    {
        ulong page = address & ~((ulong)PageBytes - 1);
        if (area.IsHugeTlb)
            return MakeHugeTlbPage(area, PageTable.BlockOf(page), isWrite);
        return area.File is null ? MakeAnonymousPage(area, page, isWrite) : MakeFilePage(area, area.File, page, isWrite);
    }

    private Errno MakeAnonymousPage(Area area, ulong page, bool isWrite)
    {
        bool isHuge = WantsHugePage(area, page) && !_table.HasEntries(page);
        if (!isWrite)
        {
            if (isHuge)
                _table.SetHuge(page, ZeroEntry);
            else
                _table.Set(page, ZeroEntry);
            return Errno.None;
        }

        area.HasAnonymous = true;
        if (isHuge && Frames.TryAllocateBlock(out ulong frame))
        {
            _table.SetHuge(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = true });
            return Errno.None;
        }

        if (!Frames.TryAllocate(out frame))
            return Errno.NoMemory;
        _table.Set(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = true });
        return Errno.None;
    }

    private bool WantsHugePage(Area area, ulong page) =>
        Machine.Options.TransparentHugePages && area is { IsPlainAnonymous: true, Answer: null } && (area.Flags & AreaFlags.HugePage) != 0
        && area.Range.Contains(BlockAt(page));

    private Errno MakeFilePage(Area area, SimulatedFile file, ulong page, bool isWrite)
    {
        ulong index = area.PageOf(page);
        if (!file.Covers(index))
            return Errno.BadAddress; // SIGBUS
        if (!file.TryGetPage(index, out ulong cached))
            return Errno.NoMemory;
        if (area.IsShared || !isWrite)
        {
            Frames.AddReference(cached);
            _table.Set(page, new Pte { State = PageState.Present, Frame = cached, IsWritable = area.IsShared && area.IsWritable });
            return Errno.None;
        }

        if (!Frames.TryAllocate(out ulong frame))
            return Errno.NoMemory;
        Frames.Copy(cached, frame);
        area.HasAnonymous = true;
        _table.Set(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = true });
        return Errno.None;
    }

    private Errno MakeHugeTlbPage(Area area, ulong block, bool isWrite)
    {
        ulong frame;
        if (area.File is { } file)
        {
            if (!file.TryGetHugePage(area.PageOf(block), out frame))
                return Errno.BadAddress;
            AddHugeReferences(frame);
        }
        else if (!TryTakeHugeTlb((area.Flags & AreaFlags.Reserved) != 0, out frame))
        {
            return Errno.BadAddress; // SIGBUS
        }

        area.HasAnonymous |= !area.IsShared;
        bool isWritable = area.IsWritable && (area.IsShared || isWrite);
        _table.SetHuge(block, new Pte { State = PageState.Present, Frame = frame, IsWritable = isWritable });
        return Errno.None;
    }

    private bool TryTakeHugeTlb(bool isReserved, out ulong frame)
    {
        if (!Machine.HugeTlb.TryTake(isReserved, out frame))
            return false;
        AddHugeReferences(frame);
        return true;
    }

    private void AddHugeReferences(ulong firstFrame)
    {
        for (ulong i = 0; i < PageTable.HugePages; i++)
            Frames.AddReference(firstFrame + i);
    }
}
