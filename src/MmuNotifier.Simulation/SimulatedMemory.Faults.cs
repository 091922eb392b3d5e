using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Page faults.</content>
public sealed partial class SimulatedMemory
{
    private static Pte ZeroEntry => new() { State = PageState.Zero, Frame = FrameTable.Zero };

    /// <summary>For the explorer: how often touches have looked at a page. Guarded by the mapping lock.</summary>
    internal int TouchRounds { get; private set; }

    /// <inheritdoc/>
    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null) =>
        Touch(address, isWrite, owner, isReadRequired: true);

    /// <summary>Faults until the page is there as wanted, or an error is certain.</summary>
    /// <param name="address">A byte of the page.</param>
    /// <param name="isWrite">Whether it is to be writable.</param>
    /// <param name="owner">Whose private device pages stay.</param>
    /// <param name="isReadRequired">Whether a mapping must permit reading; the CPU reads through one that only permits writing,
    /// too.</param>
    private Errno Touch(ulong address, bool isWrite, object? owner, bool isReadRequired = false)
    {
        while (true)
        {
            FaultStep step;
            using (_mappingLock.Hold())
            {
                TouchRounds++;
                Errno error = TouchLocked(address, isWrite, owner, isReadRequired, out step);
                if (step == FaultStep.Done)
                    return error;
            }

            WaitForMigration(PageAt(address));
        }
    }

    /// <summary>Under no lock: waits until no page of the range migrates.</summary>
    private void WaitForMigration(AddressRange range)
    {
        using (TableLock.Hold())
        {
            while (HasMigrating(range))
                TableLock.WaitForMigration();
        }
    }

    private bool HasMigrating(AddressRange range)
    {
        TableLock.AssertHeld();
        for (ulong address = range.Start; _table.TryFindEntry(ref address, range.Last); address += PageBytes)
        {
            if (_table.Get(address).State == PageState.Migrating)
                return true;
        }

        return false;
    }

    /// <summary>Ends with Done or Wait.</summary>
    private Errno TouchLocked(ulong address, bool isWrite, object? owner, bool isReadRequired, out FaultStep step)
    {
        _mappingLock.AssertHeld();
        step = FaultStep.Done;
        if (_areas.At(address) is not { IsAccessible: true } area || (isReadRequired && (area.Protection & Protection.Read) == 0))
            return Errno.BadAddress;
        if (isWrite && !area.IsWritable)
            return Errno.NotPermitted;
        while (true)
        {
            Errno error;
            Pte entry;
            using (TableLock.Hold())
            {
                entry = _table.Get(address);
                error = Resolve(area, address, entry, isWrite, owner, out step);
            }

            if (step is FaultStep.Done or FaultStep.Wait)
                return error;
            SchedulingPoint.Mark();
            error = ResolveInvalidating(area, address, entry, step);
            if (error is not (Errno.None or Errno.Again))
            {
                step = FaultStep.Done;
                return error;
            }
        }
    }

    /// <summary>Under both locks: what needs no invalidation is done; else the step says what is to be done with one.</summary>
    private Errno Resolve(Area area, ulong address, Pte entry, bool isWrite, object? owner, out FaultStep step)
    {
        step = FaultStep.Done;
        switch (entry.State)
        {
            case PageState.None when area.Answer is not null:
                step = FaultStep.Ask;
                return Errno.None;
            case PageState.None:
                return MakePage(area, address, isWrite);
            case PageState.Migrating:
                step = FaultStep.Wait;
                return Errno.None;
            case PageState.DeviceExclusive:
                step = FaultStep.RevokeExclusive;
                return Errno.None;
            case PageState.DevicePrivate:
                if (owner is null || DeviceMemory.Of(entry.Frame)?.Owner != owner || (isWrite && !entry.IsWritable))
                    step = CanTakeBackWhole(entry, address) ? FaultStep.TakeBack : FaultStep.Split;
                return Errno.None;
            default:
                if (isWrite && entry.State == PageState.Present && entry.Frame < DeviceMemory.FirstDeviceFrame)
                    Frames.InfoOf(entry.Frame).IsLazilyFree = false;
                if (isWrite && !entry.IsWritable && !TryMakeWritable(area, address, entry))
                    step = entry.Order == 0 || entry.State == PageState.Zero || area.IsHugeTlb ? FaultStep.Copy : FaultStep.Split;
                return Errno.None;
        }
    }

    /// <summary>Not under the page-table lock: the steps that change an entry others may use, with their invalidations.</summary>
    private Errno ResolveInvalidating(Area area, ulong address, Pte entry, FaultStep step)
    {
        _mappingLock.AssertHeld();
        if (step == FaultStep.Ask)
            return Ask(area, PageAt(address).Start);
        if (step == FaultStep.Split)
        {
            SplitBlock(address);
            return Errno.None;
        }

        AddressRange range = entry.Order == 0 ? PageAt(address) : BlockAt(address);
        InvalidationEvent why = step switch
        {
            FaultStep.TakeBack => InvalidationEvent.Migrate,
            FaultStep.RevokeExclusive => InvalidationEvent.Exclusive,
            _ => InvalidationEvent.Clear,
        };
        using (Space.StartInvalidation(range, why))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
            {
                if (_table.Get(address) != entry)
                    return Errno.Again;
                ulong page = range.Start;
                Pte first = _table.Get(page);
                switch (step)
                {
                    case FaultStep.TakeBack:
                        return entry.Order == 0 ? TakeBack(area, page, first) : TakeBackHuge(area, page, first);
                    case FaultStep.RevokeExclusive:
                        _table.Set(page, first with { State = PageState.Present, IsWritable = first.IsWritable && area.IsWritable });
                        return Errno.None;
                    default:
                        return entry.Order == 0 ? CopyOnWrite(area, page, first) : CopyHugeOnWrite(area, page, first);
                }
            }
        }
    }

    /// <summary>Under both locks: a write may succeed without a copy if no other mapping has the page.</summary>
    private bool TryMakeWritable(Area area, ulong address, Pte entry)
    {
        if (entry.State == PageState.Zero)
            return false;
        if (!area.IsShared && !IsExclusivelyOwned(entry, address, area.IsHugeTlb ? 2 : 1))
            return false;
        if (entry.Order == 0)
            _table.Set(address, entry with { IsWritable = true });
        else
            _table.SetHuge(address, _table.Get(PageTable.BlockOf(address)) with { IsWritable = true });
        return true;
    }

    private bool IsExclusivelyOwned(Pte entry, ulong address, int references)
    {
        if (!Frames.IsAnonymous(entry.Frame))
            return false;
        if (entry.Order == 0)
            return Frames.ReferencesOf(entry.Frame) == references;
        ulong first = _table.Get(PageTable.BlockOf(address)).Frame;
        for (ulong i = 0; i < PageTable.HugePages; i++)
        {
            if (Frames.ReferencesOf(first + i) != references)
                return false;
        }

        return true;
    }

    private bool CanTakeBackWhole(Pte entry, ulong address) => entry.Order == 0 || IsExclusivelyOwned(entry, address, references: 1);

    private Errno TakeBack(Area area, ulong page, Pte entry)
    {
        if (!Frames.TryAllocate(out ulong frame))
            return Errno.NoMemory;
        Errno error = Frames.ReferencesOf(entry.Frame) == 1 ? Frames.CopyRevoked(entry.Frame, frame) : Frames.Copy(entry.Frame, frame);
        if (error != Errno.None)
        {
            Frames.Release(frame);
            return Errno.BadAddress;
        }

        Frames.Release(entry.Frame);
        _table.Set(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = entry.IsWritable && area.IsWritable });
        return Errno.None;
    }

    private Errno TakeBackHuge(Area area, ulong page, Pte first)
    {
        if (!Frames.TryAllocateBlock(out ulong frame))
        {
            SplitEntry(page);
            return Errno.Again;
        }

        for (ulong i = 0; i < PageTable.HugePages; i++)
        {
            if (Frames.CopyRevoked(first.Frame + i, frame + i) != Errno.None)
                return Errno.BadAddress;
        }

        ReleaseHuge(first);
        _table.SetHuge(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = first.IsWritable && area.IsWritable });
        return Errno.None;
    }

    private Errno CopyOnWrite(Area area, ulong page, Pte entry)
    {
        if (!Frames.TryAllocate(out ulong frame))
            return Errno.NoMemory;
        Errno error = Frames.Copy(entry.Frame, frame);
        if (error != Errno.None)
        {
            Frames.Release(frame);
            return error;
        }

        if (entry.HasFrame)
            Frames.Release(entry.Frame);
        area.HasAnonymous = true;
        _table.Set(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = true });
        return Errno.None;
    }

    /// <summary>The huge page of zeros, and hugetlb pages: transparent huge pages are split before they are copied.</summary>
    private Errno CopyHugeOnWrite(Area area, ulong page, Pte first)
    {
        ulong frame;
        if (area.IsHugeTlb ? !TryTakeHugeTlb(isReserved: false, out frame) : !Frames.TryAllocateBlock(out frame))
        {
            if (area.IsHugeTlb)
                return Errno.BadAddress; // The kernel sends SIGBUS.
            SplitEntry(page);
            return Errno.Again;
        }

        for (ulong i = 0; i < PageTable.HugePages; i++)
            Frames.Copy(first.Frame + i, frame + i);
        ReleaseHuge(first);
        area.HasAnonymous = true;
        _table.SetHuge(page, new Pte { State = PageState.Present, Frame = frame, IsWritable = true });
        return Errno.None;
    }
}
