using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// The pages of a process that devices have, by address, and those that are resident or leaving by frame. It owns the frames that are
/// recorded in it:
/// <see cref="Put"/> takes a frame over, and what <see cref="Remove"/>, <see cref="RemoveAll"/> and <see cref="Move"/> return is the
/// caller's. All members are used under <see cref="Lock"/>, a leaf: while it is held, nothing is waited for but the kernel. What makes a
/// page or protects one is decided and done under it too, so that a fault is never answered for a page that is being collected.
/// </summary>
/// <remarks>A huge page that moves as a whole has one entry; whatever is done to one of its pages splits it.</remarks>
internal sealed partial class TakenPages
{
    private readonly Dictionary<ulong, TakenPage> _pages = [];
    private readonly Dictionary<ulong, ulong> _residents = [];
    private readonly Dictionary<ulong, ulong> _leaving = [];

    internal Lock Lock { get; } = new();

    /// <summary>How many pages it knows of.</summary>
    internal int Count => _pages.Count + (_blocks.Count * HugePage.Pages);

    internal bool TryFind(ulong address, out TakenPage page)
    {
        Lock.AssertHeld();
        if (_pages.TryGetValue(address, out page))
            return true;
        if (!TryFindBlock(HugePage.StartOf(address), out TakenPage block))
            return false;
        page = block.At(NumberOf(address));
        return true;
    }

    /// <summary>Where the content of a frame is, if it stayed in the process.</summary>
    internal bool TryFindResident(ulong frame, out ulong address)
    {
        Lock.AssertHeld();
        return TryFindByFrame(_residents, frame, out address);
    }

    /// <summary>In: a frame of a device; out: the page's number in the process, if its content has stayed there.</summary>
    internal bool TryFindResident(ref ulong frame)
    {
        if (!TryFindResident(frame, out ulong address))
            return false;
        frame = address / MirroredMemory.PageBytes;
        return true;
    }

    /// <summary>Where a page is that was leaving into the frame, and may have moved since; false if it was removed, or has left.</summary>
    internal bool TryFindLeaving(ulong frame, out ulong address)
    {
        Lock.AssertHeld();
        return TryFindByFrame(_leaving, frame, out address);
    }

    /// <summary>Marks a page as collected.</summary>
    /// <exception cref="InvalidOperationException">A frame is recorded for the address: it would have no owner any more.</exception>
    internal void Collect(ulong address) => Put(address, TakenPage.Collected);

    /// <summary>Takes over the frame of a page that nobody has, or that is collected.</summary>
    /// <exception cref="InvalidOperationException">A frame is recorded for the address: it would have no owner any more.</exception>
    internal void Put(ulong address, TakenPage page)
    {
        Lock.AssertHeld();
        if (TryFind(address, out TakenPage before) && before.State != TakenState.Collected)
            throw new InvalidOperationException($"Page 0x{address:x} is in frame 0x{before.Frame:x} already.");
        Split(HugePage.StartOf(address));
        _pages[address] = page;
        if (page.State == TakenState.Resident)
            _residents[page.Frame] = address;
        if (page.Transit == PageTransit.Leaving)
            _leaving[page.Frame] = address;
    }

    /// <summary>Says that a recorded page is on its way back, or no longer on its way; its frame stays recorded.</summary>
    internal void SetTransit(ulong address, PageTransit transit)
    {
        Lock.AssertHeld();
        Split(HugePage.StartOf(address));
        TakenPage page = _pages[address];
        if (page.Transit == PageTransit.Leaving)
            _leaving.Remove(page.Frame);
        _pages[address] = page with { Transit = transit };
    }

    /// <summary>Forgets a page; its frame is the caller's.</summary>
    internal bool Remove(ulong address, out TakenPage page)
    {
        Lock.AssertHeld();
        Split(HugePage.StartOf(address));
        if (!_pages.Remove(address, out page))
            return false;
        if (page.State == TakenState.Resident)
            _residents.Remove(page.Frame);
        if (page.Transit == PageTransit.Leaving)
            _leaving.Remove(page.Frame);
        return true;
    }

    /// <summary>The addresses of the pages that the range touches, ascending.</summary>
    internal List<ulong> AddressesIn(AddressRange range)
    {
        var found = new List<ulong>();
        foreach ((ulong address, TakenPage entry) in EntriesIn(range))
            AddAddresses(found, address, entry);
        return found;
    }

    /// <summary>
    /// The entries of the pages that the range touches, by their first page, ascending. Of a huge page that lies partly outside, the pages
    /// inside are listed one by one.
    /// </summary>
    internal List<(ulong Address, TakenPage Entry)> EntriesIn(AddressRange range)
    {
        Lock.AssertHeld();
        var found = new List<(ulong Address, TakenPage Entry)>();
        ulong first = range.Start / MirroredMemory.PageBytes;
        ulong last = range.Last / MirroredMemory.PageBytes;
        if (last - first > (ulong)Count)
        {
            foreach ((ulong address, TakenPage page) in _pages)
            {
                if (address / MirroredMemory.PageBytes is var number && number >= first && number <= last)
                    found.Add((address, page));
            }

            foreach (ulong block in _blocks.Keys)
                AddBlock(found, block, range);
            found.Sort(static (left, right) => left.Address.CompareTo(right.Address));
            return found;
        }

        for (ulong number = first; number <= last;)
        {
            ulong address = number * MirroredMemory.PageBytes;
            if ((number == first || address % HugePage.Bytes == 0) && AddBlock(found, HugePage.StartOf(address), range))
            {
                number = (HugePage.RangeOf(address).Last / MirroredMemory.PageBytes) + 1;
                continue;
            }

            if (_pages.TryGetValue(address, out TakenPage page))
                found.Add((address, page));
            number++;
        }

        return found;
    }

    /// <summary>The addresses of the pages whose frames are of a device's memory, ascending.</summary>
    internal List<ulong> AddressesOf(DeviceMemory memory)
    {
        var found = new List<ulong>();
        foreach ((ulong address, TakenPage entry) in EntriesIn(AddressRange.Whole))
        {
            if (entry.Memory == memory)
                AddAddresses(found, address, entry);
        }

        return found;
    }

    /// <summary>
    /// Finds those of a range's pages that a migration to system memory may bring back: which the device of this owner has, in memory of a
    /// selected kind. They are marked as returning until <see cref="EndReturn"/>.
    /// </summary>
    internal void CollectForReturn(MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            Span<MigratePage> rest = pages[i..];
            if (!TryFind(rest[0].Address, out TakenPage taken) || taken.IsMigrating || taken.State == TakenState.Exclusive
                || taken.Memory!.Owner != owner || (select & KindOf(taken.Memory)) == 0)
            {
                continue;
            }

            // From here on no user of the device that looks at the page gets its frame: nobody would tell it when the frame is freed.
            bool isWhole = taken.Order == HugePage.Order && HugePage.StartsIn(rest);
            if (isWhole)
                SetBlockTransit(rest[0].Address, PageTransit.Returning);
            else
                SetTransit(rest[0].Address, PageTransit.Returning);
            int count = isWhole ? HugePage.Pages : 1;
            for (int j = 0; j < count; j++)
                rest[j] = rest[j] with { CanMove = true, IsWritable = true, SourceFrame = taken.Frame + (ulong)j };
            rest[0].Order = isWhole ? HugePage.Order : (byte)0;
            i += count - 1;
        }
    }

    /// <summary>Forgets what is collected in the range.</summary>
    internal void RemoveCollected(AddressRange range)
    {
        foreach ((ulong address, TakenPage entry) in EntriesIn(range))
        {
            if (entry.State == TakenState.Collected)
                RemoveEntry(address, entry, out _);
        }
    }

    /// <summary>The migration has ended: what is still marked as returning is any device's again.</summary>
    internal void EndReturn(AddressRange range)
    {
        foreach ((ulong address, TakenPage entry) in EntriesIn(range))
        {
            if (entry.Transit != PageTransit.Returning)
                continue;
            if (IsBlock(address, entry))
                SetBlockTransit(address, PageTransit.None);
            else
                SetTransit(address, PageTransit.None);
        }
    }

    /// <summary>Forgets what is in the range, and returns it; the frames are the caller's.</summary>
    internal List<TakenPage> RemoveAll(AddressRange range)
    {
        var removed = new List<TakenPage>();
        foreach ((ulong address, TakenPage entry) in EntriesIn(range))
        {
            if (RemoveEntry(address, entry, out TakenPage page))
                removed.Add(page);
        }

        return removed;
    }

    /// <summary>
    /// The range has moved (mremap), and its pages with it. Pages that are collected moved in the process and are forgotten; one that is
    /// leaving still is; one that is returning stays with the device, because the migration that collected it looks for it at the old
    /// place.
    /// </summary>
    /// <param name="from">Where they were.</param>
    /// <param name="to">Where the first of them is now.</param>
    /// <returns>Pages that were recorded at the new place; the frames are the caller's.</returns>
    internal List<TakenPage> Move(AddressRange from, ulong to)
    {
        var replaced = new List<TakenPage>();
        var moving = new List<(ulong Address, TakenPage Page)>();
        if (from.Start % HugePage.Bytes != to % HugePage.Bytes)
            SplitAll(from);
        foreach ((ulong address, TakenPage entry) in EntriesIn(from))
        {
            if (RemoveEntry(address, entry, out TakenPage page) && page.State != TakenState.Collected)
                moving.Add((address - from.Start + to, page));
        }

        foreach ((ulong place, TakenPage page) in moving)
        {
            // The kernel first reports what the moved pages replace; should that ever be lost, no frame is.
            replaced.AddRange(RemoveAll(AddressRange.FromLength(place, (ulong)MirroredMemory.PageBytes << page.Order)));
            TakenPage moved = page.Transit == PageTransit.Returning ? page with { Transit = PageTransit.None } : page;
            if (page.Order == HugePage.Order)
                PutBlock(place, moved);
            else
                Put(place, moved);
        }

        return replaced;
    }

    private static MigrateSelect KindOf(DeviceMemory memory) =>
        memory.Kind == DeviceMemoryKind.Private ? MigrateSelect.DevicePrivate : MigrateSelect.DeviceCoherent;

    private bool RemoveEntry(ulong address, TakenPage entry, out TakenPage removed) =>
        IsBlock(address, entry) ? RemoveBlock(address, out removed) : Remove(address, out removed);
}
