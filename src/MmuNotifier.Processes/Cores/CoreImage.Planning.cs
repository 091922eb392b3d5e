using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Which pages are to be copied.</content>
internal sealed unsafe partial class CoreImage
{
    /// <summary>Pages of a reservation that are not further apart than this are in one segment.</summary>
    private const ulong MostGapBytes = 4UL << 20;

    private readonly List<PlannedRange> _plan = [];

    /// <summary>Compares what the last look has found with what is held.</summary>
    private void Plan(bool isFrozen)
    {
        CloseFile(); // Mappings have new numbers.
        _plan.Clear();
        _omittedInStop.Clear();
        _copiedInDoubt.Clear();
        PagesUntracked = 0;
        int next = 0;
        for (int i = 0; i < Watch.Mappings.Count; i++)
        {
            WatchedMapping mapping = Watch.Mappings[i];
            ReadOnlySpan<PageRegion> regions = _look.RegionsIn(mapping.Range, ref next);
            // What is excluded is decided page by page.
            CoreContent content = CoreContents.Of(in mapping, regions.Length > 0);
            if (content == CoreContent.None)
                continue;
            Place(in mapping, regions);
            bool mustCopyAgain = isFrozen && MustCopyAgain(in mapping);
            if (mustCopyAgain)
                Forget(mapping.Range);
            PassOverExcluded(in mapping, regions, isFrozen);
            if (!isFrozen && IsCopiedWhenFrozen(in mapping))
                continue;
            if (mapping.Mapping.IsFileBacked && !isFrozen)
                _files.Note(mapping.Mapping);
            int planned = _plan.Count;
            Plan(i, in mapping, content, regions);
            for (; mustCopyAgain && planned < _plan.Count; planned++)
                PagesUntracked += PageTableLook.PagesIn(_plan[planned].Range);
        }
    }

    private void Place(in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions)
    {
        if (!CoreContents.IsLargeReservation(in mapping))
        {
            _placement.Place(mapping.Range);
            return;
        }

        for (int i = 0; i < regions.Length;)
        {
            AddressRange part = PageTableLook.Clip(in regions[i++], mapping.Range);
            for (; i < regions.Length && regions[i].Start - part.Last <= MostGapBytes; i++)
                part = new AddressRange(part.Start, PageTableLook.Clip(in regions[i], mapping.Range).Last);
            _placement.Place(part);
        }
    }

    private bool MustCopyAgain(in WatchedMapping mapping) =>
        IsCopiedWhenFrozen(in mapping)
            || (mapping.Mapping.IsFileBacked && _files.MayHaveChanged(mapping.Mapping, showsWrites: IsArmed(mapping)));

    private void Plan(int index, in WatchedMapping mapping, CoreContent content, ReadOnlySpan<PageRegion> regions)
    {
        bool isReadable = (mapping.Mapping.Protection & MappingProtection.Read) != 0;
        PageSource source = isReadable ? PageSource.Memory : PageSource.ProtectedMemory;
        ulong start = mapping.Range.Start;
        foreach (ref readonly PageRegion region in regions)
        {
            AddressRange part = PageTableLook.Clip(in region, mapping.Range);
            PlanGap(index, in mapping, content, start, part.Start);
            // A frozen program that watches its memory itself does not answer the fault that reading an absent page could raise.
            bool mayBeAbsent = mapping.Coverage != Coverage.ReadWhenFrozen || (region.Categories & PageCategories.Present) != 0;
            if (mayBeAbsent)
                Add(index, part, source);
            start = part.Last + 1;
        }

        PlanGap(index, in mapping, content, start, mapping.Range.Last + 1);
    }

    /// <summary>Pages that do not exist in the page table: those of the file, the kernel's own, or zeros.</summary>
    private void PlanGap(int index, in WatchedMapping mapping, CoreContent content, ulong start, ulong end)
    {
        if (start == end)
            return;
        var gap = new AddressRange(start, end - 1);
        if (content == CoreContent.MemoryAndFile)
            Add(index, gap, PageSource.File);
        else if (mapping.Mapping.IsKernelOwned)
            Add(index, gap, PageSource.Memory);
        else
            Forget(gap);
    }

    private void Add(int index, AddressRange range, PageSource source)
    {
        using DriverLock.Scope scope = _lock.Hold();
        while (_held.TryFind(range, false, out AddressRange run))
        {
            run = run.Intersect(range);
            _plan.Add(new PlannedRange(run, source, index));
            if (run.Last >= range.Last)
                return;
            range = new AddressRange(run.Last + 1, range.Last);
        }
    }
}
