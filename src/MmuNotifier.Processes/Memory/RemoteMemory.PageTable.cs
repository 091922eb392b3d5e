using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Mappings and entries of the page table.</content>
internal sealed unsafe partial class RemoteMemory
{
    private readonly Lock _knownLock = new();
    private readonly KnownMappings _known = new();

    /// <summary>What is registered with either userfaultfd, devices knowing of it or not; under the lock of the known mappings.</summary>
    private readonly RangeSet _registered = new();

    /// <summary>
    /// Pages that were faulted in for writing since they last changed. The page table shows no write bit; under the lock of the taken
    /// pages.
    /// </summary>
    private readonly HashSet<ulong> _madeWritable = [];

    /// <inheritdoc/>
    /// <remarks>Registers the mapping first: who looks at it wants to hear of its end.</remarks>
    public override bool TryFindMapping(ulong address, out Mapping mapping)
    {
        while (TryQuery(address, out mapping))
        {
            if (IsKnown(mapping, withMissing: false) || mapping.Backing == MappingBacking.Device)
                return true;
            // A mapping that is new here may lie where one was of which devices have not been told yet.
            _changes.WaitUntilDone(WaitLimit);
            bool isRegistered = Register(mapping, withMissing: false);
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
        // Only a page of one's own is writable without a fault, and only what the kernel shows tells that; see _madeWritable for the rest.
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
                    return new PageEntry(PageState.DevicePrivate, page.Frame, mayWrite, 0);
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
        return (entry & PageTableEntries.Swapped) != 0 ? new PageEntry(PageState.Swapped, 0, false, 0) : default;
    }

    private bool TryQuery(ulong address, out Mapping mapping)
    {
        mapping = default;
        if (Space.HasExited || _maps.Query(address, out QueriedMapping found) != Errno.None)
            return false;
        mapping = PageTableEntries.MappingOf(found);
        return true;
    }

    private bool IsKnown(in Mapping mapping, bool withMissing)
    {
        lock (_knownLock)
            return _known.Contains(mapping, withMissing);
    }

    /// <summary>Registers the mapping as a whole: a part would split it, and a later mremap over both parts would fail.</summary>
    private bool Register(in Mapping mapping, bool withMissing)
    {
        AddressRange range = mapping.Range;
        lock (_knownLock)
        {
            UserfaultfdDescriptor? descriptor = _serving;
            UserfaultfdResult result = withMissing
                ? _serving.RegisterWithMissing(range.Start, range.Last)
                : _serving.Register(range.Start, range.Last);
            if (result.Status == UserfaultfdStatus.NotWatchable && !withMissing)
            {
                // A file: its changes can be noticed, its faults cannot be answered.
                descriptor = _noticing;
                result = _noticing.Register(range.Start, range.Last);
            }

            // Nobody can write through it, so that there is nothing to protect, and nothing would be noticed. It is mirrored all the same:
            // an access finds out what is there.
            // Likewise what the process itself watches with a userfaultfd.
            bool isUnnoticed = result.Status is UserfaultfdStatus.ReadOnlyShared or UserfaultfdStatus.TakenByAnother && !withMissing;
            if (!result.Succeeded && !isUnnoticed)
                return false;
            _known.Add(new KnownMapping(mapping, result.Succeeded ? descriptor : null, withMissing));
            if (result.Succeeded)
                _registered.Add(range);
            return true;
        }
    }

    private void ForgetKnown(AddressRange range)
    {
        lock (_knownLock)
            _known.Forget(range);
    }

    // mprotect comes with no event: what is mapped with another permission now is reported as it would have been. A mapping that could not
    // be registered, because the process watches it itself or because nobody can write through it, has no events at all: it counts as
    // changed before each request.
    private void ReportUnnoticedChanges(AddressRange range)
    {
        List<KnownMapping> asked;
        lock (_knownLock)
            asked = _known.In(range);
        foreach (KnownMapping known in asked)
        {
            if (known.Descriptor is null)
                Report(range.Intersect(known.Mapping.Range), InvalidationEvent.Clear);
            if (TryQuery(known.Mapping.Range.Start, out Mapping now) && now == known.Mapping)
                continue;

            // Known until devices have been told: another request compares it meanwhile, and must find the change too.
            List<AddressRange> unchanged = ReportDifferences(known);
            lock (_knownLock)
                _known.Replace(known, unchanged);
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
