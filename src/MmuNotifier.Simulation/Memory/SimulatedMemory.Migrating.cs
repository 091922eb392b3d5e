using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>The three steps of a migration, and exclusive access.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames)
    {
        frames.Clear();
        Errno error = Errno.None;
        for (ulong address = range.Start; address < range.Last && error == Errno.None; address += PageBytes)
            error = FaultIn(address, isWrite: true);
        using (_mappingLock.Hold())
        {
            SplitHugePageAt(range.Start);
            SplitHugePageAt(range.Last + 1);
            int taken = 0;
            using (Space.StartInvalidation(range, InvalidationEvent.Exclusive, owner))
            using (Machine.PageTableLock.Hold())
            {
                for (int i = 0; i < frames.Length; i++)
                {
                    ref PageTableEntry entry = ref _pages.At((range.Start / PageBytes) + (ulong)i);
                    if (entry.State != PageState.Present || !entry.IsWritable || !Frames.IsAnonymous(entry.Frame)
                        || entry.Frame >= DeviceMemory.FirstDeviceFrame)
                        continue;
                    entry.State = PageState.DeviceExclusive;
                    entry.Order = 0;
                    frames[i] = entry.Frame;
                    taken++;
                }
            }

            if (taken > 0)
                return Errno.None;
            return error == Errno.None ? Errno.Busy : error;
        }
    }

    /// <inheritdoc/>
    protected internal override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        using (_mappingLock.Hold())
        {
            if (_mappings.Covering(range.Start) is not { } mapping || mapping.Last < range.Last || mapping.IsHugeTlb
                || !mapping.Permits(Protection.Read))
                return Errno.InvalidArgument;
            SplitHugePageAt(range.Start);
            SplitHugePageAt(range.Last + 1);
            using (Space.StartInvalidation(range, InvalidationEvent.Migrate, owner))
            using (Machine.PageTableLock.Hold())
                Collect(range.Start, mapping, select, owner, pages);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    protected internal override Errno CopyPage(ref MigratePage page)
    {
        using (Machine.PageTableLock.Hold())
        {
            var hold = (MigrationHold)page.Token!;
            if (page.IsToSystem)
                page.DestinationFrame = SystemDestination(page, hold);
            if (page.DestinationFrame == 0)
                return Errno.NoMemory;
            if (page.SourceFrame != 0)
                Frames.Copy(page.SourceFrame, page.DestinationFrame);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    protected internal override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages)
    {
        using (Machine.PageTableLock.Hold())
        {
            for (int i = 0; i < pages.Length; i++)
            {
                if (pages[i].Token is MigrationHold hold)
                    FinishPage(ref pages[i], hold);
            }

            JoinHugePages(pages);
        }

        Machine.MigrationWait.Announce();
    }

    private void Collect(ulong start, SimulatedMapping mapping, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        MigrationHold? huge = null;
        for (int i = 0; i < pages.Length; i++)
        {
            ref MigratePage page = ref pages[i];
            page.Address = start + ((ulong)i * PageBytes);
            bool startsBlock = page.Address % HugeBytes == 0;
            if (startsBlock)
                huge = null;
            bool isWholeBlock = startsBlock && pages.Length - i >= FrameTable.HugePages
                && (_pages.Get(page.Address / PageBytes).Order == 9 || MayBeHuge(page.Address, mapping));
            ref PageTableEntry entry = ref _pages.At(page.Address / PageBytes);
            if (!CanMove(entry, mapping, select, owner))
                continue;
            var hold = new MigrationHold { Before = entry };
            if (isWholeBlock)
            {
                page.Order = 9;
                huge = hold;
            }

            hold.Huge = huge;
            page.CanMove = true;
            page.SourceFrame = entry.State is PageState.None or PageState.Zero ? 0 : entry.Frame;
            page.IsWritable = mapping.Permits(Protection.Write) && (page.SourceFrame == 0 || entry.IsWritable);
            page.Token = hold;

            // What a device still holds of its own page must not change any more: it is copied from now on.
            if (entry.State == PageState.DevicePrivate && Frames.ReferencesOf(entry.Frame) == 1)
                DeviceMemory.Of(entry.Frame)?.Revoke(entry.Frame);
            entry = new PageTableEntry { State = PageState.Migrating, Hold = hold };
        }
    }

    private bool CanMove(in PageTableEntry entry, SimulatedMapping mapping, MigrateSelect select, object owner)
    {
        bool isSystem = (select & MigrateSelect.System) != 0;
        switch (entry.State)
        {
            case PageState.None or PageState.Zero:
                return isSystem && mapping.IsAnonymousPrivate;
            case PageState.Present when DeviceMemory.Of(entry.Frame) is { } coherent:
                return (select & MigrateSelect.DeviceCoherent) != 0 && coherent.Owner == owner;
            case PageState.Present:
                return isSystem && Frames.IsAnonymous(entry.Frame);
            case PageState.DevicePrivate:
                return (select & MigrateSelect.DevicePrivate) != 0 && DeviceMemory.Of(entry.Frame)?.Owner == owner;
            default:
                return false;
        }
    }

    // A huge page goes back into a block if there is one.
    private ulong SystemDestination(in MigratePage page, MigrationHold hold)
    {
        if (page.Order == 9)
            hold.Block = Frames.AllocateBlock(isAnonymous: true);
        return hold.Huge is { Block: not 0 } huge
            ? huge.Block + (page.Address % HugeBytes / PageBytes)
            : Frames.Allocate(isAnonymous: true);
    }

    private void FinishPage(ref MigratePage page, MigrationHold hold)
    {
        ref PageTableEntry entry = ref _pages.At(page.Address / PageBytes);
        ulong source = hold.Before.Frame;
        bool isOurs = entry.State == PageState.Migrating && entry.Hold == hold;
        bool moves = isOurs && page.CanMove && page.DestinationFrame != 0;
        if (moves)
        {
            bool isPrivate = DeviceMemory.Of(page.DestinationFrame)?.Kind == DeviceMemoryKind.Private;
            entry = new PageTableEntry
            {
                State = isPrivate ? PageState.DevicePrivate : PageState.Present,
                Frame = page.DestinationFrame,
                IsWritable = page.IsWritable && (page.SourceFrame == 0 ? _mappings.Covering(page.Address)!.Permits(Protection.Write) : hold.Before.IsWritable),
            };
            page.IsMoved = true;
        }
        else if (isOurs)
        {
            entry = hold.Before;
            DeviceMemory.Of(source)?.Restore(source);
        }

        if ((moves || !isOurs) && source != 0)
            Frames.Drop(source);
        if (!moves && page.IsToSystem && page.DestinationFrame != 0)
            Frames.Drop(page.DestinationFrame);
    }

    /// <summary>A huge page that has moved whole into a block is a huge page again; one that came apart is not.</summary>
    private void JoinHugePages(Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i].Order != 9)
                continue;
            Span<MigratePage> block = pages.Slice(i, FrameTable.HugePages);
            bool isWhole = block[0].DestinationFrame % FrameTable.HugePages == 0;
            bool hasMoved = false;
            for (int j = 0; j < block.Length; j++)
            {
                isWhole &= block[j].IsMoved && block[j].DestinationFrame == block[0].DestinationFrame + (ulong)j;
                hasMoved |= block[j].IsMoved;
            }

            if (!hasMoved)
                continue;
            foreach (ulong page in _pages.Pages(block[0].Address / PageBytes, block[^1].Address / PageBytes))
                _pages.At(page).Order = isWhole ? (byte)9 : (byte)0;
        }
    }
}
