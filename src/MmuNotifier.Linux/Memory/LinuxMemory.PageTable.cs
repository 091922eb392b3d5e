using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Mappings and entries of the page table.</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    public override bool TryFindMapping(ulong address, out Mapping mapping)
    {
        bool isFound = TryQuery(address, out QueriedMapping queried, out AddressRange range);
        mapping = isFound ? Describe(queried, range) : default;
        return isFound;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Mapping> GetMappings() => ListMappings().ConvertAll(found => Describe(found.Mapping, found.Range));

    /// <inheritdoc/>
    public override Errno GetPages(AddressRange range, Span<PageEntry> entries)
    {
        entries.Clear();
        ulong address = range.Start;
        while (TryFindMapping(address, out Mapping mapping) && mapping.Range.Start <= range.Last)
        {
            AddressRange part = mapping.Range.Intersect(range);
            int first = (int)((part.Start - range.Start) / PageBytes);
            int count = (int)((part.Last - part.Start + 1) / PageBytes);
            Errno error = GetPagesOf(mapping, part, entries.Slice(first, count));
            if (error != Errno.None || part.Last == range.Last)
                return error;
            address = part.Last + 1;
        }

        return Errno.None;
    }

    private Errno GetPagesOf(in Mapping mapping, AddressRange range, Span<PageEntry> entries)
    {
        ulong[] table = new ulong[entries.Length];
        if (!_pageMap.ReadEntries(range.Start, table))
            return Errno.InputOutput;
        bool mayWrite = (mapping.Protection & Protection.Write) != 0;
        for (int i = 0; i < entries.Length; i++)
        {
            // A private page is writable without a fault only if it is nobody else's.
            bool isOwn = mapping.IsShared
                || (table[i] & (PageTableEntries.OfFile | PageTableEntries.Exclusive)) == PageTableEntries.Exclusive;
            ulong address = range.Start + ((ulong)i * PageBytes);
            if (_devicePages.TryDescribe(address, mayWrite, mayWrite && isOwn, out PageEntry taken))
                entries[i] = taken;
            else if ((table[i] & PageTableEntries.Present) != 0)
                entries[i] = new PageEntry(PageState.Present, address / PageBytes, mayWrite && isOwn, 0);
            else if ((table[i] & PageTableEntries.Swapped) != 0)
                entries[i] = new PageEntry(PageState.Swapped, 0, false, 0);
        }

        _devicePages.MarkWhole(range, entries);
        PageTableEntries.MarkZeroAndHuge(_pageMap, range, entries);
        return Errno.None;
    }

    private List<(QueriedMapping Mapping, AddressRange Range)> ListMappings()
    {
        List<(QueriedMapping Mapping, AddressRange Range)> list = [];
        ulong address = 0;
        while (TryQuery(address, out QueriedMapping mapping, out AddressRange range))
        {
            list.Add((mapping, range));
            address = range.Last + 1;
        }

        return list;
    }

    /// <summary>Finds what was mapped here; what the kernel or this list joins with a neighbour is cut to what both have.</summary>
    private bool TryQuery(ulong address, out QueriedMapping mapping, out AddressRange range)
    {
        mapping = default;
        range = default;
        while (true)
        {
            if (Space.HasExited || !_mappings.TryFind(address, out AddressRange mapped))
                return false;
            if (_maps.Query(Math.Max(address, mapped.Start), out mapping) != Errno.None)
                return false;
            var found = new AddressRange(mapping.Start, mapping.Last);
            if (found.Overlaps(mapped))
            {
                range = found.Intersect(mapped);
                return true;
            }

            address = mapped.Last + 1;
        }
    }

    // Shared anonymous memory has an inode too, but is no file to the program that mapped it.
    private Mapping Describe(in QueriedMapping queried, AddressRange range)
    {
        bool isFile = _family.IsFile(queried.Inode);
        return PageTableEntries.MappingOf(queried) with
        {
            Range = range,
            Backing = isFile ? MappingBacking.File : MappingBacking.Anonymous,
            FileOffset = isFile ? queried.Offset + (range.Start - queried.Start) : 0,
        };
    }
}
