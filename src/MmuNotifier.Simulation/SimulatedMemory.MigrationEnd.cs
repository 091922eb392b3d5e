using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>The last step of a migration: pages move or are put back. What was unmapped meanwhile is left alone and did not move.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    protected internal override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages)
    {
        using (_mappingLock.Hold())
        {
            // Where nothing was, others may have seen zeros meanwhile. Reported, as nothing may stop the last step: threads wait for it.
            bool hasInsertions = TryFindInsertion(pages, out ulong firstInsertion);
            InvalidationScope scope = hasInsertions
                ? Space.ReportInvalidation(new AddressRange(firstInsertion, range.Last), InvalidationEvent.Migrate, owner)
                : default;
            using (scope)
            {
                SchedulingPoint.Mark();
                using (TableLock.Hold())
                {
                    Finish(pages);
                    TableLock.MigrationEnded();
                }
            }
        }
    }

    private static bool TryFindInsertion(Span<MigratePage> pages, out ulong address)
    {
        foreach (ref readonly MigratePage page in pages)
        {
            address = page.Address;
            if (page.CanMove && page.SourceFrame == 0 && page.DestinationFrame != 0)
                return true;
        }

        address = 0;
        return false;
    }

    private void Finish(Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i].Order == PageTable.HugeOrder && TryFinishHuge(pages.Slice(i, PageTable.HugePages)))
            {
                i += PageTable.HugePages - 1;
                continue;
            }

            SplitToMove(pages[i]);
            FinishPage(ref pages[i]);
        }

        foreach (ref MigratePage page in pages)
        {
            if (!page.IsToSystem || page.IsMoved || page.DestinationFrame == 0)
                continue;
            Frames.Release(page.DestinationFrame);
            page.DestinationFrame = 0;
        }
    }

    // Huge if all of it moves to a block, or none of it moves, and nobody has split or dropped it. Else the pages go one by one.
    private bool TryFinishHuge(Span<MigratePage> pages)
    {
        ref MigratePage first = ref pages[0];
        ulong block = first.Address;
        ulong source = first.SourceFrame;
        ReleaseUnusedDestinations(block, pages);
        bool isMissing = source == 0 && (_table.IsHuge(block) ? _table.Get(block).State == PageState.Zero : !_table.HasEntries(block));
        bool isIntact = source == 0
            ? isMissing && _areas.At(block) is { IsPlainAnonymous: true, Answer: null } area && area.Range.Contains(BlockAt(block))
            : _table.IsHuge(block) && IsStillMigrating(_table.Get(block), source);
        bool movesWhole = isIntact && IsBlock(pages);
        if (movesWhole)
        {
            _table.SetHuge(block, Moved(first, _table.Get(block)));
            foreach (ref MigratePage page in pages)
            {
                CountDestination(page);
                page.IsMoved = true;
                if (page.SourceFrame == 0)
                    continue;
                Frames.Release(page.SourceFrame); // The migration's reference,
                Frames.Release(page.SourceFrame); // and the page table's.
            }

            return true;
        }

        if (source == 0 || !isIntact || !StaysWhole(pages))
            return false;
        _table.SetHuge(block, PutBack(_table.Get(block)));
        for (ulong i = 0; i < PageTable.HugePages; i++)
            Frames.Release(source + i);
        return true;
    }

    // A huge entry of which pages move one by one, because one side has no huge page.
    private void SplitToMove(in MigratePage page)
    {
        Pte entry = _table.Get(page.Address);
        bool isMeant = page.SourceFrame == 0
            ? entry.State == PageState.Zero && page.CanMove && page.DestinationFrame != 0
            : IsStillMigrating(entry, page.SourceFrame);
        if (entry.Order == PageTable.HugeOrder && isMeant)
            SplitEntry(page.Address);
    }

    private void FinishPage(ref MigratePage page)
    {
        Pte entry = _table.Get(page.Address);
        bool moves = page.CanMove && page.DestinationFrame != 0;
        if (page.SourceFrame == 0)
        {
            bool isStillMissing = entry is { State: PageState.None or PageState.Zero, Order: 0 };
            if (!moves || !isStillMissing || _areas.At(page.Address) is not { IsPlainAnonymous: true, Answer: null })
                return;
        }
        else
        {
            bool isIntact = IsStillMigrating(entry, page.SourceFrame);
            moves &= isIntact;
            if (isIntact && !moves)
                _table.Set(page.Address, PutBack(entry));
            Frames.Release(page.SourceFrame);
            if (!moves)
                return;
        }

        _table.Set(page.Address, Moved(page, entry));
        CountDestination(page);
        page.IsMoved = true;
        if (page.SourceFrame != 0)
            Frames.Release(page.SourceFrame);
    }

    private Pte Moved(in MigratePage page, Pte entry)
    {
        Area area = _areas.At(page.Address)!;
        area.HasAnonymous = true;
        bool isPrivate = DeviceMemory.Of(page.DestinationFrame)?.Kind == DeviceMemoryKind.Private;
        return new Pte
        {
            State = isPrivate ? PageState.DevicePrivate : PageState.Present,
            Frame = page.DestinationFrame,
            IsWritable = area.IsWritable && (page.SourceFrame == 0 || entry.IsWritable),
        };
    }

    private void CountDestination(in MigratePage page)
    {
        if (!page.IsToSystem)
            Frames.AddReference(page.DestinationFrame);
    }

    private void ReleaseUnusedDestinations(ulong block, Span<MigratePage> pages)
    {
        if (!_destinationBlocks.Remove(block, out ulong first))
            return;
        for (int i = 0; i < pages.Length; i++)
        {
            if (!pages[i].IsToSystem || pages[i].DestinationFrame != first + (ulong)i)
                Frames.Release(first + (ulong)i);
        }
    }

    private static bool IsStillMigrating(Pte entry, ulong source) => entry.State == PageState.Migrating && entry.Frame == source;

    private static Pte PutBack(Pte entry) => entry with { State = entry.Before, Before = PageState.None };

    private static bool IsBlock(Span<MigratePage> pages)
    {
        ulong first = pages[0].DestinationFrame;
        if (first == 0 || first % PageTable.HugePages != 0)
            return false;
        for (int i = 0; i < pages.Length; i++)
        {
            if (!pages[i].CanMove || pages[i].DestinationFrame != first + (ulong)i)
                return false;
        }

        return true;
    }

    private static bool StaysWhole(Span<MigratePage> pages)
    {
        foreach (ref readonly MigratePage page in pages)
        {
            if (page.CanMove && page.DestinationFrame != 0)
                return false;
        }

        return true;
    }
}
