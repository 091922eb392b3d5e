using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>
/// Page faults. A fault is a sequence of steps: look at the entry, and do what brings it nearer to what is wanted, until nothing is left to do. A
/// step that changes what a device may hold raises its invalidation first, and then looks again whether the entry still is what it was.
/// </content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null) => Fault(address, isWrite, owner, isDevice: true);

    private Errno Fault(ulong address, bool isWrite, object? owner, bool isDevice)
    {
        ulong page = address / PageBytes;
        while (true)
        {
            long finished;
            using (_mappingLock.Hold())
            {
                Errno error = Resolve(page, isWrite, owner, isDevice, out bool mustWait, out finished);
                if (!mustWait)
                    return error;
            }

            Machine.MigrationWait.WaitBeyond(finished);
        }
    }

    private Errno Resolve(ulong page, bool isWrite, object? owner, bool isDevice, out bool mustWait, out long finished)
    {
        mustWait = false;
        finished = 0;
        ulong address = page * PageBytes;
        if (_mappings.Covering(address) is not { } mapping || !mapping.Permits(Protection.Read))
            return Errno.BadAddress;
        if (isWrite && !mapping.Permits(Protection.Write))
            return isDevice ? Errno.NotPermitted : Errno.BadAddress;
        while (true)
        {
            PageTableEntry entry;
            FaultAction action;
            Errno error = Errno.None;
            using (Machine.PageTableLock.Hold())
            {
                entry = _pages.Get(page);
                action = Decide(page, entry, mapping, isWrite, owner);
                if (action == FaultAction.Fill)
                    error = Fill(page, mapping, isWrite);
                else if (action == FaultAction.MakeWritable)
                    MakeWritable(page);
                else if (action == FaultAction.Wait)
                    finished = Machine.MigrationWait.Finished;
            }

            switch (action)
            {
                case FaultAction.Done:
                    return Errno.None;
                case FaultAction.Wait:
                    mustWait = true;
                    return Errno.None;
                case FaultAction.Split:
                    SplitHugePage(address);
                    break;
                case FaultAction.Copy:
                    error = Replace(page, entry, InvalidationEvent.Clear, isWritable: mapping.Permits(Protection.Write));
                    break;
                case FaultAction.BringBack:
                    error = Replace(page, entry, InvalidationEvent.Migrate, isWritable: mapping.Permits(Protection.Write) && (isWrite || entry.IsWritable));
                    break;
                case FaultAction.TakeBack:
                    TakeBackExclusive(address, address + PageBytes - 1);
                    break;
            }

            if (error != Errno.None)
                return error;
        }
    }

    private FaultAction Decide(ulong page, in PageTableEntry entry, SimulatedMapping mapping, bool isWrite, object? owner)
    {
        switch (entry.State)
        {
            case PageState.None:
                return FaultAction.Fill;
            case PageState.Zero:
                return isWrite ? FaultAction.Copy : FaultAction.Done;
            case PageState.Present:
                if (!isWrite || entry.IsWritable)
                    return FaultAction.Done;
                if (mapping.IsShared || IsOwn(page, entry))
                    return FaultAction.MakeWritable;
                return entry.Order == 0 ? FaultAction.Copy : FaultAction.Split;
            case PageState.DevicePrivate:
                bool isOwners = owner is not null && DeviceMemory.Of(entry.Frame)?.Owner == owner;
                return isOwners && (!isWrite || entry.IsWritable) ? FaultAction.Done : FaultAction.BringBack;
            case PageState.DeviceExclusive:
                return FaultAction.TakeBack;
            default:
                return FaultAction.Wait;
        }
    }

    /// <summary>Whether nobody else uses the page (or any page of the huge page), so that copy-on-write need not copy.</summary>
    private bool IsOwn(ulong page, in PageTableEntry entry)
    {
        if (entry.Order == 0)
            return Frames.IsAnonymous(entry.Frame) && Frames.ReferencesOf(entry.Frame) == 1;
        ulong first = page & ~(ulong)(FrameTable.HugePages - 1);
        for (ulong i = first; i < first + FrameTable.HugePages; i++)
        {
            ulong frame = _pages.Get(i).Frame;
            if (!Frames.IsAnonymous(frame) || Frames.ReferencesOf(frame) != 1)
                return false;
        }

        return true;
    }

    private void MakeWritable(ulong page)
    {
        if (_pages.Get(page).Order == 0)
        {
            _pages.At(page).IsWritable = true;
            return;
        }

        ulong first = page & ~(ulong)(FrameTable.HugePages - 1);
        for (ulong i = first; i < first + FrameTable.HugePages; i++)
            _pages.At(i).IsWritable = true;
    }

    private Errno Fill(ulong page, SimulatedMapping mapping, bool isWrite)
    {
        ulong address = page * PageBytes;
        bool isWritable = mapping.Permits(Protection.Write);
        if (mapping.IsHugeTlb || (isWrite && MayBeHuge(address, mapping)))
        {
            ulong block = Frames.AllocateBlock(isAnonymous: !mapping.IsShared);
            if (block != 0)
            {
                SetHuge(address, PageState.Present, block, isWritable);
                return Errno.None;
            }

            if (mapping.IsHugeTlb)
                return Errno.BadAddress;
        }

        if (mapping.File is { } file)
            return FillFromFile(page, mapping, file, isWrite);
        if (!isWrite)
        {
            if (MayBeHuge(address, mapping))
                SetHuge(address, PageState.Zero, FrameTable.ZeroFrame, isWritable: false);
            else
                _pages.At(page) = new PageTableEntry { State = PageState.Zero, Frame = FrameTable.ZeroFrame };
            return Errno.None;
        }

        ulong frame = Frames.Allocate(isAnonymous: true);
        if (frame == 0)
            return Errno.NoMemory;
        _pages.At(page) = new PageTableEntry { State = PageState.Present, Frame = frame, IsWritable = isWritable };
        return Errno.None;
    }

    private Errno FillFromFile(ulong page, SimulatedMapping mapping, SimulatedFile file, bool isWrite)
    {
        ulong filePage = (mapping.FileOffset + ((page * PageBytes) - mapping.Start)) / PageBytes;
        if (!file.HasPage(filePage))
            return Errno.BadAddress;
        ulong cached = file.FrameOf(filePage, makes: true);
        if (cached == 0)
            return Errno.NoMemory;
        if (mapping.IsShared || !isWrite)
        {
            Frames.Hold(cached);
            bool isWritable = mapping.IsShared && mapping.Permits(Protection.Write);
            _pages.At(page) = new PageTableEntry { State = PageState.Present, Frame = cached, IsWritable = isWritable };
            return Errno.None;
        }

        ulong copy = Frames.Allocate(isAnonymous: true);
        if (copy == 0)
            return Errno.NoMemory;
        Frames.Copy(cached, copy);
        _pages.At(page) = new PageTableEntry { State = PageState.Present, Frame = copy, IsWritable = true };
        return Errno.None;
    }

    private bool MayBeHuge(ulong address, SimulatedMapping mapping)
    {
        ulong start = address & ~(HugeBytes - 1);
        return Machine.HasTransparentHugePages && mapping.WantsHugePages && mapping.IsAnonymousPrivate
            && start >= mapping.Start && start + HugeBytes - 1 <= mapping.Last
            && !_pages.Pages(start / PageBytes, (start / PageBytes) + FrameTable.HugePages - 1).Any();
    }

    private void SetHuge(ulong address, PageState state, ulong block, bool isWritable)
    {
        ulong first = (address & ~(HugeBytes - 1)) / PageBytes;
        for (ulong i = 0; i < FrameTable.HugePages; i++)
        {
            ulong frame = state == PageState.Zero ? block : block + i;
            _pages.At(first + i) = new PageTableEntry { State = state, Frame = frame, IsWritable = isWritable, Order = 9 };
        }
    }

    /// <summary>Puts copies of the content in new system frames in the place of an entry, huge as it is if there is memory for it.</summary>
    private Errno Replace(ulong page, PageTableEntry seen, InvalidationEvent invalidationEvent, bool isWritable)
    {
        ulong first = seen.Order == 0 ? page : page & ~(ulong)(FrameTable.HugePages - 1);
        ulong count = seen.Order == 0 ? 1 : (ulong)FrameTable.HugePages;
        using (Space.StartInvalidation(AddressRange.FromLength(first * PageBytes, count * PageBytes), invalidationEvent))
        using (Machine.PageTableLock.Hold())
        {
            // A truncation or the end of a migration may have come in between.
            if (_pages.Get(page) != seen)
                return Errno.None;
            ulong block = seen.Order == 0 ? 0 : Frames.AllocateBlock(isAnonymous: true);
            if (seen.Order != 0 && block == 0)
            {
                ForgetOrder(first * PageBytes);
                return Errno.None;
            }

            if (block == 0)
                block = Frames.Allocate(isAnonymous: true);
            if (block == 0)
                return Errno.NoMemory;
            for (ulong i = 0; i < count; i++)
                ReplaceEntry(ref _pages.At(first + i), block + i, isWritable, seen.Order);
            return Errno.None;
        }
    }

    private void ReplaceEntry(ref PageTableEntry entry, ulong frame, bool isWritable, byte order)
    {
        ulong before = entry.Frame;
        if (entry.State == PageState.DevicePrivate && Frames.ReferencesOf(before) == 1)
            DeviceMemory.Of(before)?.Revoke(before);
        Frames.Copy(before, frame);
        entry = new PageTableEntry { State = PageState.Present, Frame = frame, IsWritable = isWritable, Order = order };
        Frames.Drop(before);
    }
}
