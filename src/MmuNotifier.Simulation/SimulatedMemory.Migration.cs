using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>
/// The first two steps of a migration. Anonymous pages move, those of a page cache do not. A page that others share copy-on-write moves as
/// this address space's own copy.
/// <para>
/// A page that exists gets an entry that says that it migrates, and a reference that keeps its frame until the last step: so an entry with
/// that frame is that page, whatever was mapped meanwhile. A page that does not exist, and the page of zeros, get none: the CPU may touch
/// them, and they then do not move.
/// </para>
/// </content>
public sealed partial class SimulatedMemory
{
    // Blocks of the system taken for huge pages that come back, by the address of the first page. Guarded by the page-table lock.
    private readonly Dictionary<ulong, ulong> _destinationBlocks = [];

    /// <inheritdoc/>
    protected internal override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        using (_mappingLock.Hold())
        {
            if (_areas.At(range.Start) is not { IsHugeTlb: false } area || range.Last > area.Last
                || (area.Protection & Protection.Read) == 0)
                return Errno.InvalidArgument;
            SplitHuge(range.Start);
            SplitHuge(range.Last + 1);
            using (Space.StartInvalidation(range, InvalidationEvent.Migrate, owner))
            {
                SchedulingPoint.Mark();
                using (TableLock.Hold())
                    Collect(area, range.Start, select, owner, pages);
            }
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    protected internal override void CopyPages(Span<MigratePage> pages)
    {
        foreach (ref MigratePage page in pages)
        {
            if (page.CanMove && page.HasDestination)
                page.CanMove = TryCopy(ref page);
        }
    }

    private bool TryCopy(ref MigratePage page)
    {
        using (TableLock.Hold())
        {
            if (page.IsToSystem && !TryAllocateDestination(ref page))
                return false;
            if (Frames.Copy(page.SourceFrame, page.DestinationFrame) == Errno.None)
                return true;
            if (!page.IsToSystem)
                return false;

            // The last step gives back what is not used of a block.
            if (!_destinationBlocks.ContainsKey(PageTable.BlockOf(page.Address)))
                Frames.Release(page.DestinationFrame);
            page.DestinationFrame = 0;
            return false;
        }
    }

    private void Collect(Area area, ulong address, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length; i++, address += PageBytes)
        {
            bool isWholeBlock = address % PageTable.HugeBytes == 0 && pages.Length - i >= PageTable.HugePages;
            if (isWholeBlock && TryCollectHuge(area, address, select, owner, pages.Slice(i, PageTable.HugePages)))
            {
                i += PageTable.HugePages - 1;
                address += PageTable.HugeBytes - PageBytes;
                continue;
            }

            Pte entry = _table.Get(address);
            pages[i] = Describe(area, address, entry, select, owner);
            if (pages[i].SourceFrame == 0)
                continue;
            Frames.AddReference(entry.Frame);
            _table.Set(address, entry with { State = PageState.Migrating, Before = entry.State });
        }
    }

    private bool TryCollectHuge(Area area, ulong block, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        bool isMissing = Machine.Options.TransparentHugePages && !_table.HasEntries(block);
        if (!isMissing && !_table.IsHuge(block))
            return false;
        Pte first = _table.Get(block);
        for (int i = 0; i < pages.Length; i++)
        {
            ulong address = block + ((ulong)i * PageBytes);
            pages[i] = Describe(area, address, _table.Get(address), select, owner);
        }

        if (!pages[0].CanMove)
            return true;
        pages[0].Order = PageTable.HugeOrder;
        if (pages[0].SourceFrame == 0)
            return true;
        AddHugeReferences(first.Frame);
        _table.SetHuge(block, first with { State = PageState.Migrating, Before = first.State });
        return true;
    }

    private MigratePage Describe(Area area, ulong address, Pte entry, MigrateSelect select, object owner)
    {
        bool exists = entry.HasFrame;
        bool canMove = entry.State switch
        {
            PageState.None or PageState.Zero => area is { IsPlainAnonymous: true, Answer: null } && (select & MigrateSelect.System) != 0,
            PageState.Present when entry.Frame < DeviceMemory.FirstDeviceFrame =>
                !area.IsShared && Frames.IsAnonymous(entry.Frame) && (select & MigrateSelect.System) != 0,
            PageState.Present => (select & MigrateSelect.DeviceCoherent) != 0 && DeviceMemory.Of(entry.Frame)?.Owner == owner,
            PageState.DevicePrivate => (select & MigrateSelect.DevicePrivate) != 0 && DeviceMemory.Of(entry.Frame)?.Owner == owner,
            _ => false,
        };
        return new MigratePage
        {
            Address = address,
            SourceFrame = canMove && exists ? entry.Frame : 0,
            CanMove = canMove,
            IsWritable = canMove && (exists ? entry.IsWritable : area.IsWritable),
        };
    }

    private bool TryAllocateDestination(ref MigratePage page)
    {
        ulong block = PageTable.BlockOf(page.Address);
        if (page.Order == PageTable.HugeOrder && Frames.TryAllocateBlock(out ulong first))
            _destinationBlocks[block] = first;
        if (_destinationBlocks.TryGetValue(block, out first))
        {
            page.DestinationFrame = first + ((page.Address - block) / PageBytes);
            return true;
        }

        bool isAllocated = Frames.TryAllocate(out ulong frame);
        page.DestinationFrame = frame;
        return isAllocated;
    }
}
