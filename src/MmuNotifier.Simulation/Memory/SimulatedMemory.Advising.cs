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
        ulong rounded = RoundUp(length);
        if ((length != 0 && rounded == 0) || address + rounded < address)
            return Errno.InvalidArgument;
        if (rounded == 0)
            return Errno.None;
        if (advice is Advice.PopulateRead or Advice.PopulateWrite)
            return Populate(address, rounded, advice == Advice.PopulateWrite);
        ulong last = address + rounded - 1;
        using (_mappingLock.Hold())
        {
            // Holes do not stop it; they are told at the end.
            bool hasHole = false;
            ulong next = address;
            foreach (SimulatedMapping part in _mappings.In(address, last))
            {
                hasHole |= part.Start != next;
                Errno error = AdvisePart(part, advice);
                if (error != Errno.None)
                    return error;
                next = part.Last + 1;
            }

            return hasHole || next <= last ? Errno.NoMemory : Errno.None;
        }
    }

    /// <summary>Drops all pages that were advised free and not written since, as reclaim would. Callable under no lock.</summary>
    /// <returns>How many.</returns>
    public int ReclaimFreePages()
    {
        using (_mappingLock.Hold())
        {
            int dropped = 0;
            List<ulong> lazy;
            using (Machine.PageTableLock.Hold())
                lazy = [.. _pages.Pages(0, LastAddress / PageBytes).Where(page => _pages.Get(page).IsLazilyFree)];
            foreach (ulong page in lazy)
            {
                ulong address = page * PageBytes;
                using (Space.StartInvalidation(AddressRange.FromLength(address, PageBytes), InvalidationEvent.Clear))
                using (Machine.PageTableLock.Hold())
                {
                    if (!_pages.Get(page).IsLazilyFree)
                        continue;
                    ZapPages(address, address + PageBytes - 1);
                    dropped++;
                }
            }

            return dropped;
        }
    }

    private Errno AdvisePart(SimulatedMapping part, Advice advice)
    {
        switch (advice)
        {
            case Advice.DontNeed:
                if (part.IsHugeTlb && (part.Start % HugeBytes != 0 || (part.Last + 1) % HugeBytes != 0))
                    return Errno.InvalidArgument;
                DropPart(part);
                return Errno.None;
            case Advice.Free:
                if (!part.IsAnonymousPrivate || part.IsHugeTlb)
                    return Errno.InvalidArgument;
                FreeLazily(part);
                return Errno.None;
            case Advice.Remove:
                if (part.File is not { } file)
                    return Errno.InvalidArgument;
                return part.IsShared ? file.PunchHole(part.FileOffset, part.Last - part.Start + 1) : Errno.AccessDenied;
            case Advice.DontFork:
                return Change(part, part with { IsNotForked = true });
            case Advice.DoFork:
                return Change(part, part with { IsNotForked = false });
            case Advice.WipeOnFork:
                return part.IsAnonymousPrivate ? Change(part, part with { IsWipedOnFork = true }) : Errno.InvalidArgument;
            case Advice.KeepOnFork:
                return Change(part, part with { IsWipedOnFork = false });
            case Advice.HugePage:
                return part.IsHugeTlb ? Errno.InvalidArgument : Change(part, part with { WantsHugePages = true, RefusesHugePages = false });
            case Advice.NoHugePage:
                return part.IsHugeTlb ? Errno.InvalidArgument : Change(part, part with { WantsHugePages = false, RefusesHugePages = true });
            case Advice.Collapse:
                return Collapse(part);
            default:
                return Errno.InvalidArgument;
        }
    }

    private Errno Change(SimulatedMapping part, SimulatedMapping changed)
    {
        if (part == changed)
            return Errno.None;
        using (Machine.PageTableLock.Hold())
            _mappings.Replace(changed);
        return Errno.None;
    }

    private void DropPart(SimulatedMapping part)
    {
        SplitHugePageAt(part.Start);
        SplitHugePageAt(part.Last + 1);
        using (Space.StartInvalidation(part.Range, InvalidationEvent.Clear))
        using (Machine.PageTableLock.Hold())
            ZapPages(part.Start, part.Last);
    }

    private void FreeLazily(SimulatedMapping part)
    {
        SplitHugePageAt(part.Start);
        SplitHugePageAt(part.Last + 1);
        using (Space.StartInvalidation(part.Range, InvalidationEvent.Clear))
        using (Machine.PageTableLock.Hold())
        {
            foreach (ulong page in _pages.Pages(part.Start / PageBytes, part.Last / PageBytes))
            {
                ref PageTableEntry entry = ref _pages.At(page);
                if (entry.State == PageState.Present && Frames.ReferencesOf(entry.Frame) == 1)
                    entry.IsLazilyFree = true;
            }
        }
    }

    private Errno Populate(ulong address, ulong length, bool isWrite)
    {
        for (ulong at = address; at < address + length; at += PageBytes)
        {
            SimulatedMapping? mapping;
            using (Machine.PageTableLock.Hold())
                mapping = _mappings.Covering(at);
            if (mapping is null)
                return Errno.NoMemory;
            if (!mapping.Permits(isWrite ? Protection.Write : Protection.Read))
                return Errno.InvalidArgument;
            Errno error = Fault(at, isWrite, owner: null, isDevice: false);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private Errno Collapse(SimulatedMapping part)
    {
        ulong first = RoundUp(part.Start, HugeBytes);
        if (!part.IsAnonymousPrivate || part.IsHugeTlb || first + HugeBytes - 1 > part.Last)
            return Errno.InvalidArgument;
        for (ulong start = first; start + HugeBytes - 1 <= part.Last; start += HugeBytes)
        {
            Errno error = CollapseBlock(start, part.Permits(Protection.Write));
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private Errno CollapseBlock(ulong start, bool isWritable)
    {
        using (Space.StartInvalidation(AddressRange.FromLength(start, HugeBytes), InvalidationEvent.Clear))
        using (Machine.PageTableLock.Hold())
        {
            ulong page = start / PageBytes;
            ulong[] pages = [.. _pages.Pages(page, page + FrameTable.HugePages - 1)];
            if (pages.Length == 0)
                return Errno.InvalidArgument;
            if (_pages.Get(page) is { Order: 9, State: PageState.Present })
                return Errno.None;
            foreach (ulong at in pages)
            {
                if (_pages.Get(at).State is not (PageState.Present or PageState.Zero))
                    return Errno.Again;
            }

            ulong block = Frames.AllocateBlock(isAnonymous: true);
            if (block == 0)
                return Errno.NoMemory;
            foreach (ulong at in pages)
            {
                ulong frame = _pages.Get(at).Frame;
                Frames.Copy(frame, block + (at - page));
                Frames.Drop(frame);
            }

            SetHuge(start, PageState.Present, block, isWritable);
            return Errno.None;
        }
    }
}
