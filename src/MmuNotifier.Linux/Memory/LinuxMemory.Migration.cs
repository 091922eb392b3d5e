using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Taking pages from the CPUs.</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    /// <remarks>
    /// Nothing is taken yet: a thread that waited for a page while managed code names destinations would hold up a garbage collection, and
    /// the collection that code. Each page is protected, copied and dropped in one step at the end of the migration, which raises
    /// Migrate a second time. What others do to the pages in between is not lost.
    /// </remarks>
    protected override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        pages.Clear();
        if (_handler is null)
            return Errno.NotSupported;
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return Errno.NoProcess;
            HandleMessages();
            if (!TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Contains(range) || mapping.PageOrder != 0
                || (mapping.Protection & Protection.Read) == 0)
            {
                return Errno.InvalidArgument;
            }

            using (Space.StartInvalidation(range, InvalidationEvent.Migrate, owner))
            {
                for (int i = 0; i < pages.Length; i++)
                    pages[i].Address = range.Start + ((ulong)i * PageBytes);
                _devicePages.CollectForReturn(select, owner, pages);
                if ((select & MigrateSelect.System) != 0 && !mapping.IsShared)
                    CollectSystemPages(mapping, range, pages);
            }
        }

        return Errno.None;
    }

    /// <inheritdoc/>
    /// <remarks>The content is copied when the page goes; see <see cref="CollectPages"/>.</remarks>
    protected override void CopyPages(Span<MigratePage> pages)
    {
    }

    /// <inheritdoc/>
    protected override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages)
    {
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return;
            HandleMessages();
            using (Space.StartInvalidation(range, InvalidationEvent.Migrate, owner))
            {
                ReturnCollected(range, pages);
                if (TryFindMapping(range.Start, out Mapping mapping) && mapping.Range.Contains(range) && !mapping.IsShared)
                    MoveToDevice(mapping, pages);
                HandleMessages(range);
                _devicePages.EndReturn(range);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Private anonymous memory only. A garbage collection may wait for the pages of one call to be copied, not longer.</remarks>
    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames)
    {
        frames.Clear();
        if (_handler is null)
            return Errno.NotSupported;
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return Errno.NoProcess;
            HandleMessages();
            Errno error = CheckMapping(range.Start, isWrite: true);
            if (error != Errno.None)
                return error;
            if (!TryFindMapping(range.Start, out Mapping mapping) || !mapping.Range.Contains(range))
                return Errno.BadAddress;
            if (mapping.IsShared || mapping.Backing != MappingBacking.Anonymous || mapping.PageOrder != 0)
                return Errno.Busy;
            ReturnRange(range);
            using (Space.StartInvalidation(range, InvalidationEvent.Exclusive, owner))
            {
                bool isAny = false;
                _devicePages.FreeResident(range);
                if (Populate(range, isWrite: true) && _handler.RegisterWithMissing(mapping.Range))
                {
                    for (int i = 0; i < frames.Length; i++)
                        isAny |= TakeExclusively(range.Start + ((ulong)i * PageBytes), out frames[i]);
                }

                HandleMessages(range);
                return isAny ? Errno.None : Errno.Busy;
            }
        }
    }

    private bool TakeExclusively(ulong address, out ulong frame)
    {
        if (!_devicePages.TryAllocateExclusive(out DeviceMemory memory, out frame))
            return false;
        if (TryMove(address, memory, frame, TakenState.Exclusive))
            return true;
        memory.Free(frame);
        frame = 0;
        return false;
    }

    private void CollectSystemPages(in Mapping mapping, AddressRange range, Span<MigratePage> pages)
    {
        ulong[] table = new ulong[pages.Length];
        // A page that exists and is taken for one that does not would lose its content.
        if (!_pageMap.ReadEntries(range.Start, table))
            return;
        for (int i = 0; i < pages.Length; i++)
        {
            ref MigratePage page = ref pages[i];
            if (_devicePages.Contains(page.Address))
                continue;
            bool exists = (table[i] & (PageTableEntries.Present | PageTableEntries.Swapped)) != 0;
            bool isOfFile = mapping.Backing != MappingBacking.Anonymous && (!exists || (table[i] & PageTableEntries.OfFile) != 0);
            page.CanMove = !isOfFile;
            page.SourceFrame = exists ? page.Address / PageBytes : 0;
            page.IsWritable = (mapping.Protection & Protection.Write) != 0;
        }

        MarkWhole(range, pages);
    }

    // A block of which nothing exists moves as a huge page of zeros would.
    private void MarkWhole(AddressRange range, Span<MigratePage> pages)
    {
        if (pages.Length < HugePage.Pages)
            return;
        var entries = new PageEntry[pages.Length];
        if (GetPages(range, entries) != Errno.None)
            return;
        int first = (int)((HugePage.Pages - (range.Start / PageBytes % HugePage.Pages)) % HugePage.Pages);
        for (; first + HugePage.Pages <= pages.Length; first += HugePage.Pages)
        {
            bool isHuge = entries[first] is { State: PageState.Present or PageState.Zero, Order: HugePage.Order };
            bool isWhole = true;
            foreach (ref readonly MigratePage page in pages.Slice(first, HugePage.Pages))
                isWhole &= page.CanMove && (page.SourceFrame != 0) == isHuge;
            pages[first].Order = isWhole ? HugePage.Order : (byte)0;
        }
    }

    private void MoveToDevice(in Mapping mapping, Span<MigratePage> pages)
    {
        bool canBeTaken = mapping.Backing == MappingBacking.Anonymous;
        bool isWritable = (mapping.Protection & Protection.Write) != 0;
        while (PageRuns.TryTakeNext(ref pages, IsToTake, out Span<MigratePage> run))
        {
            // A page that does not exist goes as one of zeros: it is made first. (Of a file, only copies go, which exist.)
            if (canBeTaken && (!Populate(PageRuns.RangeOf(run), isWritable) || !_handler!.RegisterWithMissing(mapping.Range)))
                continue;
            foreach (ref MigratePage page in run)
                page.IsMoved = MoveToDevice(page, canBeTaken);
            JoinBlocks(run);
        }
    }

    private void JoinBlocks(ReadOnlySpan<MigratePage> run)
    {
        foreach (ref readonly MigratePage page in run)
        {
            if (page.Order == HugePage.Order)
                _devicePages.JoinBlock(page.Address);
        }
    }

    private bool MoveToDevice(in MigratePage page, bool canBeTaken)
    {
        DeviceMemory memory = DeviceMemory.Of(page.DestinationFrame)!;
        if (canBeTaken && memory.Kind == DeviceMemoryKind.Private)
            return TryMove(page.Address, memory, page.DestinationFrame, TakenState.Private);
        // The device's by name: the content stays, and the frame's own bytes are nobody's.
        memory.Revoke(page.DestinationFrame);
        _devicePages.Put(page.Address, new TakenPage(TakenState.Resident, page.DestinationFrame, memory));
        return true;
    }

    // The handler's messages are handled under the same lock: that the page has come back is heard of after it is here.
    private bool TryMove(ulong address, DeviceMemory memory, ulong frame, TakenState state)
    {
        _mappingLock.AssertHeld();
        if (_handler!.Move(address, memory, frame) != Errno.None)
            return false;
        _devicePages.Put(address, new TakenPage(state, frame, memory));
        return true;
    }

    // A page that somebody has taken since it was collected stays with him: its return would be taken for that of ours.
    private bool IsToTake(in MigratePage page)
    {
        return page.CanMove && page.DestinationFrame != 0 && page.SourceFrame < DeviceMemory.FirstDeviceFrame
            && !_devicePages.Contains(page.Address);
    }

    private static bool Populate(AddressRange range, bool isWrite) =>
        Syscall.Advise(range.Start, range.Length, (int)(isWrite ? Advice.PopulateWrite : Advice.PopulateRead)) == Errno.None;
}
