using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>What /proc says about a page table and about mappings, in the terms of devices.</summary>
internal static class PageTableEntries
{
    // Bits of an entry of /proc/pid/pagemap.
    internal const ulong Present = 1UL << 63;
    internal const ulong Swapped = 1UL << 62;
    internal const ulong OfFile = 1UL << 61;
    internal const ulong Exclusive = 1UL << 56;
    private const ulong Protected = 1UL << 57;

    // Of an entry that is not present, with the right to see it: 5 bits of type, of which the last one is "marker".
    private const ulong FrameMask = (1UL << 55) - 1;
    private const ulong TypeMask = 0x1f;
    private const ulong MarkerType = 0x1f;

    internal static Mapping MappingOf(in QueriedMapping found) => new()
    {
        Range = new AddressRange(found.Start, found.Last),
        Protection = (Protection)found.Protection,
        IsShared = found.Shared,
        Backing = found.Inode != 0 ? MappingBacking.File : MappingBacking.Anonymous,
        FileOffset = found.Offset,
        PageOrder = found.PageSizeBytes > MirroredMemory.PageBytes ? HugePage.Order : (byte)0,
    };

    /// <summary>
    /// Whether there is a page: present or swapped out. What a protected page leaves when it is dropped reads as swapped out, too, and is
    /// told apart only with the right to see frames; without it, it counts as a page.
    /// </summary>
    internal static bool Exists(ulong entry) => (entry & Present) != 0 || ((entry & Swapped) != 0 && !IsMarker(entry));

    private static bool IsMarker(ulong entry) =>
        (entry & Protected) != 0 && (entry & FrameMask) != 0 && (entry & TypeMask) == MarkerType;

    /// <summary>Which pages of the range are parts of huge pages; those that cannot be asked about are not.</summary>
    internal static void FindHuge(PageMap pageMap, AddressRange range, Span<bool> isHuge)
    {
        const PageCategories wanted = PageCategories.Present | PageCategories.Huge;
        var filter = new PageFilter(wanted, PageCategories.None, PageCategories.None, PageCategories.Huge);
        var regions = new List<PageRegion>();
        if (pageMap.ScanAll(range.Start, range.Last, PageScanFlags.None, filter, regions) != PageMapStatus.Complete)
            return;
        foreach (PageRegion region in regions)
        {
            int first = (int)((region.Start - range.Start) / MirroredMemory.PageBytes);
            isHuge.Slice(first, (int)((region.End - region.Start) / MirroredMemory.PageBytes)).Fill(true);
        }
    }

    /// <summary>Completes entries of present pages: which are the page of zeros, and which are parts of huge pages.</summary>
    internal static void MarkZeroAndHuge(PageMap pageMap, AddressRange range, Span<PageEntry> entries)
    {
        const PageCategories wanted = PageCategories.ZeroPage | PageCategories.Huge;
        var filter = new PageFilter(PageCategories.Present, PageCategories.None, wanted, wanted);
        var regions = new List<PageRegion>();
        if (pageMap.ScanAll(range.Start, range.Last, PageScanFlags.None, filter, regions) != PageMapStatus.Complete)
            return;
        foreach (PageRegion region in regions)
        {
            byte order = (region.Categories & PageCategories.Huge) != 0 ? HugePage.Order : (byte)0;
            bool isZero = (region.Categories & PageCategories.ZeroPage) != 0;
            for (ulong address = region.Start; address <= region.Last; address += MirroredMemory.PageBytes)
            {
                ref PageEntry entry = ref entries[(int)((address - range.Start) / MirroredMemory.PageBytes)];
                if (entry.State != PageState.Present || (isZero && entry.Frame >= DeviceMemory.FirstDeviceFrame))
                    continue;
                // The page of zeros that was faulted in for writing from outside: the write will replace it (FaultForWriting).
                entry = isZero && !entry.IsWritable
                    ? new PageEntry(PageState.Zero, entry.Frame, false, order)
                    : entry with { Order = order };
            }
        }
    }
}
