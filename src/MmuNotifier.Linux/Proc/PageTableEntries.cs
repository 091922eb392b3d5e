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
    private const byte HugeOrder = 9;

    internal static Mapping MappingOf(in QueriedMapping found) => new()
    {
        Range = new AddressRange(found.Start, found.Last),
        Protection = (Protection)found.Protection,
        IsShared = found.Shared,
        Backing = found.Inode != 0 ? MappingBacking.File : MappingBacking.Anonymous,
        FileOffset = found.Offset,
        PageOrder = found.PageSizeBytes > MirroredMemory.PageBytes ? HugeOrder : (byte)0,
    };

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
            byte order = (region.Categories & PageCategories.Huge) != 0 ? HugeOrder : (byte)0;
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
