using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Mappings and entries of the page table.</content>
public sealed unsafe partial class RemoteMemory
{
    /// <inheritdoc/>
    /// <remarks>Registers the mapping first: the caller needs to hear of its end.</remarks>
    /// <inheritdoc/>
    public override bool TryFindMapping(ulong address, out Mapping mapping)
    {
        while (TryQuery(address, out mapping))
        {
            if (_mappings.IsKnown(mapping, withMissing: false) || mapping.Backing == MappingBacking.Device)
                return true;
            // A mapping that is new here may lie where one was of which devices have not been notified yet.
            _changes.WaitUntilDone(WaitLimit);
            bool isRegistered = _mappings.Register(mapping, withMissing: false);
            // Registered what we saw, or was it changed before? Look again.
            if (TryQuery(address, out Mapping now) && now == mapping)
            {
                if (!isRegistered)
                    mapping = mapping with { Backing = MappingBacking.Device };
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ulong> FindDevicePages(DeviceMemory device)
    {
        lock (_taken.Lock)
            return _taken.AddressesOf(device);
    }

    /// <inheritdoc/>
    public override Errno GetPages(AddressRange range, Span<PageEntry> entries)
    {
        entries.Clear();
        ulong address = range.Start;
        while (TryQuery(address, out Mapping mapping) && mapping.Range.Start <= range.Last)
        {
            ulong start = Math.Max(address, mapping.Range.Start);
            ulong last = Math.Min(range.Last, mapping.Range.Last);
            var part = new AddressRange(start, last);
            int count = (int)((last - start + 1) / PageBytes);
            Errno error = GetPagesOf(mapping, part, entries.Slice((int)((start - range.Start) / PageBytes), count));
            if (error != Errno.None || last == range.Last)
                return error;
            address = last + 1;
        }

        return Errno.None;
    }

    private Errno GetPagesOf(in Mapping mapping, AddressRange range, Span<PageEntry> entries)
    {
        ulong[] table = new ulong[entries.Length];
        if (!_pageMap.ReadEntries(range.Start, table))
            return Errno.InputOutput;
        bool mayWrite = (mapping.Protection & Protection.Write) != 0;
        lock (_taken.Lock)
        {
            for (int i = 0; i < entries.Length; i++)
            {
                ulong address = range.Start + ((ulong)i * PageBytes);
                entries[i] = EntryOf(mapping, address, table[i], mayWrite);
            }
        }

        PageTableEntries.MarkZeroAndHuge(_pageMap, range, entries);
        return Errno.None;
    }

    private PageEntry EntryOf(in Mapping mapping, ulong address, ulong entry, bool mayWrite)
    {
        ulong frame = address / PageBytes;
        bool isPresent = (entry & PageTableEntries.Present) != 0;
        // Only a page of one's own is writable without a fault, and only what the kernel shows says so; see _madeWritable for the rest.
        bool isOwn = mapping.IsShared
            || ((entry & PageTableEntries.OfFile) == 0 && ((entry & PageTableEntries.Exclusive) != 0 || _madeWritable.Contains(address)));
        bool isWritable = mayWrite && isOwn;
        if (_taken.TryFind(address, out TakenPage page))
        {
            if (page.IsMigrating)
                return new PageEntry(PageState.Migrating, 0, false, 0);
            switch (page.State)
            {
                case TakenState.Private:
                    return new PageEntry(PageState.DevicePrivate, page.Frame, mayWrite, page.Order);
                case TakenState.Exclusive:
                    return new PageEntry(PageState.DeviceExclusive, page.Frame, mayWrite, 0);
                case TakenState.Resident when page.Memory!.Kind == DeviceMemoryKind.Private:
                    return new PageEntry(PageState.DevicePrivate, page.Frame, mayWrite, 0);
                default:
                    frame = page.Frame;
                    break;
            }
        }

        if (isPresent)
            return new PageEntry(PageState.Present, frame, isWritable, 0);
        return PageTableEntries.Exists(entry) ? new PageEntry(PageState.Swapped, 0, false, 0) : default;
    }

    private bool TryQuery(ulong address, out Mapping mapping)
    {
        mapping = default;
        if (Space.HasExited || _maps.Query(address, out QueriedMapping found) != Errno.None)
            return false;
        mapping = PageTableEntries.MappingOf(found);
        return true;
    }

    // mprotect comes with no event: what is mapped with another permission now is reported as it would have been. A mapping that could not
    // be registered, because the process watches it itself or because nobody can write through it, has no events at all: it counts as
    // changed before each request.
    private void ReportUnnoticedChanges(AddressRange range)
    {
        foreach (KnownMapping known in _mappings.KnownIn(range))
        {
            if (known.Descriptor is null)
                Report(range.Intersect(known.Mapping.Range), InvalidationEvent.Clear);
            if (TryQuery(known.Mapping.Range.Start, out Mapping now) && now == known.Mapping)
                continue;

            // Known until devices have been notified: another request compares it meanwhile, and must find the change too.
            List<AddressRange> unchanged = ReportDifferences(known);
            _mappings.Replace(known, unchanged);
        }
    }

    private void Report(AddressRange range, InvalidationEvent invalidationEvent)
    {
        lock (_mappingLock)
            Space.Invalidate(range, invalidationEvent);
    }

    /// <returns>The parts that have not changed.</returns>
    private List<AddressRange> ReportDifferences(KnownMapping known)
    {
        AddressRange before = known.Mapping.Range;
        var unchanged = new List<AddressRange>();
        ulong address = before.Start;
        while (TryQuery(address, out Mapping now) && now.Range.Start <= before.Last)
        {
            // Holes come with an event.
            AddressRange part = now.Range.Intersect(before);
            if (known.IsOfKind(now))
                unchanged.Add(part);
            else
                Report(part, InvalidationEvent.ProtectionVma);
            if (part.Last >= before.Last)
                break;
            address = part.Last + 1;
        }

        return unchanged;
    }
}
