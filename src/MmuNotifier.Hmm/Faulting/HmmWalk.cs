namespace MmuNotifier.Hmm;

/// <summary>
/// One range fault under way. After each fault the walk looks at the mappings again and continues with the page it had reached. It gives up
/// if it could not get a page for too long.
/// </summary>
internal readonly ref struct HmmWalk
{
    /// <summary>Faults of one page that are made in any case, however long they take.</summary>
    private const int MaxSlowFaults = 8;

    private readonly MirroredMemory _memory;
    private readonly AddressRange _range;
    private readonly Span<HmmEntry> _entries;
    private readonly Span<PageEntry> _found;
    private readonly HmmRequest _request;
    private readonly HmmRequest _requestMask;
    private readonly object? _deviceOwner;

    public HmmWalk(
        MirroredMemory memory, AddressRange range, Span<HmmEntry> entries, Span<PageEntry> found, HmmRequest request,
            HmmRequest requestMask, object? deviceOwner)
    {
        _memory = memory;
        _range = range;
        _entries = entries;
        _found = found;
        _request = request;
        _requestMask = requestMask;
        _deviceOwner = deviceOwner;
    }

    /// <summary>Reports and faults in until all is there, or an error is certain.</summary>
    /// <param name="section">Covers the range.</param>
    /// <param name="hasLetGo">Whether a fault has let go of the mapping lock, so that the walk began again.</param>
    public Errno Run(in ReadSection section, out bool hasLetGo)
    {
        hasLetGo = false;
        int page = 0;
        int reached = -1;
        int faults = 0;
        long end = 0;
        while (page < _entries.Length)
        {
            if (page > reached)
            {
                (reached, faults) = (page, 0);
                end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
            }

            // The page is taken away again after each fault. The caller must not wait for ever for such a memory, but a few slow faults are
            // no reason to give up.
            bool isOver = faults++ > MaxSlowFaults && Environment.TickCount64 > end;
            if (section.MustRetry || isOver)
                return Errno.Busy;
            ulong address = AddressOf(page);
            bool isMapped = _memory.TryFindMapping(address, out Mapping mapping) && mapping.Range.Start <= _range.Last;
            Errno error;
            if (!isMapped || mapping.Range.Start > address)
                error = Refuse(ref page, isMapped ? mapping.Range.Start - 1 : _range.Last);
            else if ((mapping.Protection & Protection.Read) == 0 || mapping.Backing == MappingBacking.Device)
                error = Refuse(ref page, mapping.Range.Last);
            else
                error = WalkMapping(ref page, mapping, ref hasLetGo);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    // A hole, an unreadable or an I/O mapping: an error if any of its pages is requested; otherwise each is reported as one.
    private Errno Refuse(ref int page, ulong last)
    {
        int end = EndOf(last);
        for (int i = page; i < end; i++)
        {
            if ((RequestOf(i) & HmmRequest.Fault) != 0)
                return Errno.BadAddress;
        }

        _entries[page..end].Fill(HmmEntry.Error);
        page = end;
        return Errno.None;
    }

    private Errno WalkMapping(ref int page, in Mapping mapping, ref bool hasLetGo)
    {
        int end = EndOf(mapping.Range.Last);
        Span<PageEntry> found = _found[page..end];
        Errno error = _memory.GetPages(new AddressRange(AddressOf(page), AddressOf(end - 1) + MirroredMemory.PageBytes - 1), found);
        if (error != Errno.None)
            return error;
        foreach (PageEntry entry in found)
        {
            HmmEntry reported = Report(entry);
            HmmRequest request = RequestOf(page);
            bool wants = (request & HmmRequest.Fault) != 0;
            bool wantsWrite = wants && (request & HmmRequest.Write) != 0;
            if ((wants && !reported.IsValid) || (wantsWrite && !reported.IsWritable))
                return FaultIn(AddressOf(page), wantsWrite, mapping, ref hasLetGo);
            _entries[page++] = reported;
        }

        return Errno.None;
    }

    // The caller walks again from this page: the mapping may have changed during the fault.
    private Errno FaultIn(ulong address, bool isWrite, in Mapping mapping, ref bool hasLetGo)
    {
        if (isWrite && (mapping.Protection & Protection.Write) == 0)
            return Errno.NotPermitted;
        Errno error = _memory.FaultIn(address, isWrite, _deviceOwner);
        hasLetGo |= error == Errno.Again;
        return error is Errno.None or Errno.Again ? Errno.None : error;
    }

    private HmmEntry Report(in PageEntry entry)
    {
        switch (entry.State)
        {
            case PageState.Present:
                return HmmEntry.Valid(entry.Frame, entry.IsWritable, entry.Order);
            case PageState.Zero:
                return HmmEntry.Valid(entry.Frame, isWritable: false, entry.Order);
            case PageState.DevicePrivate when _deviceOwner is not null && DeviceMemory.Of(entry.Frame)?.Owner == _deviceOwner:
                return HmmEntry.Valid(entry.Frame, entry.IsWritable, entry.Order);
            default:
                return HmmEntry.None;
        }
    }

    private HmmRequest RequestOf(int page) => _request | ((HmmRequest)_entries[page].Bits & _requestMask);

    private ulong AddressOf(int page) => _range.Start + ((ulong)page * MirroredMemory.PageBytes);

    private int EndOf(ulong last) => (int)((Math.Min(last, _range.Last) - _range.Start) / MirroredMemory.PageBytes) + 1;
}
