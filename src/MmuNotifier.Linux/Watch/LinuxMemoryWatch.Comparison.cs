namespace MmuNotifier.Linux;

/// <content>What records of mappings mean for what is watched: the memory was replaced, or its protection was changed.</content>
public sealed partial class LinuxMemoryWatch
{
    private static readonly PageFilter s_notRegistered = new(
        PageCategories.WriteProtectAllowed, PageCategories.WriteProtectAllowed, PageCategories.None, PageCategories.None);

    /// <summary>
    /// Compares what is watched with the mappings that are there. shmat with SHM_REMAP, remap_file_pages, and shmdt followed by mmap
    /// replace memory without an event; but a mapping that has replaced another one is not registered.
    /// </summary>
    /// <remarks>
    /// The known protection is always one that was looked up, never a record's: records of several processors come in no order. A change
    /// after it was looked up leaves a record that differs from it. Each look is of its own moment; what changes after it leaves a record.
    /// </remarks>
    private void Compare(bool isComplete)
    {
        if (!isComplete)
        {
            CompareAll();
            return;
        }

        foreach (MappingRecord record in _found)
            Compare(record);
    }

    /// <summary>
    /// Records are lost: looks at all that is watched. Ranges of one mapping mostly follow each other, and it is looked up once.
    /// </summary>
    private void CompareAll()
    {
        QueriedMapping last = default;
        QueriedMapping registered = default;
        foreach (WatchedRange watched in _ranges.All)
        {
            MappingProtection? now = _mappings!.ProtectionOf(watched.Range, ref last);
            bool isRegistered = registered != default && Covers(registered, watched.Range);
            if (!isRegistered)
            {
                isRegistered = !AddReplaced(watched.Range);
                registered = isRegistered ? last : default;
            }

            if (isRegistered && now != watched.Protection)
                _reports.Add(watched.Range, InvalidationEvent.ProtectionVma);
            watched.Protection = now;
        }
    }

    private void Compare(in MappingRecord record)
    {
        QueriedMapping last = default;
        AddressRange? met = null;
        AddressRange? changed = null;
        WatchedRange? watched = null;
        while (_ranges.TryNext(record.Range, watched, out watched))
        {
            AddressRange overlap = watched.Range.Intersect(record.Range);
            met = met?.Hull(overlap) ?? overlap;
            if (watched.Protection == record.Protection)
                continue;
            changed = changed?.Hull(overlap) ?? overlap;
            watched.Protection = _mappings!.ProtectionOf(watched.Range, ref last);
        }

        if (met is { } looked)
            AddReplaced(looked);
        if (changed is { } range)
            _reports.Add(range, InvalidationEvent.ProtectionVma);
    }

    /// <summary>Reports the mappings of the range that are not registered as unmaps.</summary>
    /// <returns>Whether there are any.</returns>
    private bool AddReplaced(AddressRange range)
    {
        bool isAny = false;
        QueriedMapping? previous = null;
        while (_mappings!.TryNext(range, previous, out QueriedMapping mapping))
        {
            previous = mapping;
            AddressRange part = new AddressRange(mapping.Start, mapping.Last).Intersect(range);
            if (IsRegistered(mapping, part) || !_ranges.Overlaps(part))
                continue;
            isAny = true;
            _reports.Add(part, InvalidationEvent.Unmap);
        }

        return isAny;
    }

    /// <summary>
    /// The kernel says for one page whether its mapping has asynchronous write protection; registering once more, which changes nothing
    /// then, shows whether it has it from this userfaultfd.
    /// </summary>
    private bool IsRegistered(in QueriedMapping mapping, AddressRange part)
    {
        Span<PageRegion> regions = stackalloc PageRegion[1];
        ulong page = PageSize.StartOf(part.Start);
        PageMapStatus status = _pages!.Scan(
            page, page + PageSize.Bytes - 1, regions, PageScanFlags.None, in s_notRegistered, 0, out int unregistered, out _);
        return status == PageMapStatus.Complete && unregistered == 0
            && _reader!.Userfaultfd.Register(mapping.Start, mapping.Last).Succeeded;
    }

    private static bool Covers(in QueriedMapping mapping, AddressRange range) => mapping.Start <= range.Start && range.Last <= mapping.Last;
}
