using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// The pages of a process that devices have, by address, and those that are resident or leaving by frame. It owns the frames that are
/// recorded in it:
/// <see cref="Put"/> takes a frame over, and what <see cref="Remove"/>, <see cref="RemoveAll"/> and <see cref="Move"/> return is the
/// caller's. All members are used under <see cref="Lock"/>, a leaf: while it is held, nothing is waited for but the kernel. What makes a
/// page or protects one is decided and done under it too, so that a fault is never answered for a page that is being collected.
/// </summary>
internal sealed class TakenPages
{
    private readonly Dictionary<ulong, TakenPage> _pages = [];
    private readonly Dictionary<ulong, ulong> _residents = [];
    private readonly Dictionary<ulong, ulong> _leaving = [];

    internal Lock Lock { get; } = new();

    internal int Count => _pages.Count;

    internal bool TryFind(ulong address, out TakenPage page)
    {
        Lock.AssertHeld();
        return _pages.TryGetValue(address, out page);
    }

    /// <summary>Where the content of a frame is, if it stayed in the process.</summary>
    internal bool TryFindResident(ulong frame, out ulong address)
    {
        Lock.AssertHeld();
        return _residents.TryGetValue(frame, out address);
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
        return _leaving.TryGetValue(frame, out address);
    }

    /// <summary>Marks a page as collected.</summary>
    /// <exception cref="InvalidOperationException">A frame is recorded for the address: it would have no owner any more.</exception>
    internal void Collect(ulong address) => Put(address, TakenPage.Collected);

    /// <summary>Takes over the frame of a page that nobody has, or that is collected.</summary>
    /// <exception cref="InvalidOperationException">A frame is recorded for the address: it would have no owner any more.</exception>
    internal void Put(ulong address, TakenPage page)
    {
        Lock.AssertHeld();
        if (_pages.TryGetValue(address, out TakenPage before) && before.State != TakenState.Collected)
            throw new InvalidOperationException($"Page 0x{address:x} is in frame 0x{before.Frame:x} already.");
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
        TakenPage page = _pages[address];
        if (page.Transit == PageTransit.Leaving)
            _leaving.Remove(page.Frame);
        _pages[address] = page with { Transit = transit };
    }

    /// <summary>Forgets a page; its frame is the caller's.</summary>
    internal bool Remove(ulong address, out TakenPage page)
    {
        Lock.AssertHeld();
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
        Lock.AssertHeld();
        var found = new List<ulong>();
        ulong first = range.Start / MirroredMemory.PageBytes;
        ulong last = range.Last / MirroredMemory.PageBytes;
        if (last - first > (ulong)_pages.Count)
        {
            found.AddRange(
                _pages.Keys.Where(address => address / MirroredMemory.PageBytes is var number && number >= first && number <= last));
            found.Sort();
            return found;
        }

        for (ulong number = first; number <= last; number++)
        {
            if (_pages.ContainsKey(number * MirroredMemory.PageBytes))
                found.Add(number * MirroredMemory.PageBytes);
        }

        return found;
    }

    /// <summary>The addresses of the pages whose frames are of a device's memory, ascending.</summary>
    internal List<ulong> AddressesOf(DeviceMemory memory)
    {
        Lock.AssertHeld();
        return [.. _pages.Where(pair => pair.Value.Memory == memory).Select(pair => pair.Key).Order()];
    }

    /// <summary>
    /// Finds those of a range's pages that a migration to system memory may bring back: which the device of this owner has, in memory of a
    /// selected kind. They are marked as returning until <see cref="EndReturn"/>.
    /// </summary>
    internal void CollectForReturn(MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        foreach (ref MigratePage page in pages)
        {
            if (!TryFind(page.Address, out TakenPage taken) || taken.IsMigrating || taken.State == TakenState.Exclusive
                || taken.Memory!.Owner != owner)
            {
                continue;
            }

            MigrateSelect kind = taken.Memory.Kind == DeviceMemoryKind.Private
                ? MigrateSelect.DevicePrivate
                : MigrateSelect.DeviceCoherent;
            page.CanMove = (select & kind) != 0;
            if (!page.CanMove)
                continue;
            page.SourceFrame = taken.Frame;
            page.IsWritable = true;
            // From here on no user of the device that looks at the page gets its frame: nobody would tell it when the frame is freed.
            SetTransit(page.Address, PageTransit.Returning);
        }
    }

    /// <summary>The migration has ended: what is still marked as returning is any device's again.</summary>
    internal void EndReturn(AddressRange range)
    {
        foreach (ulong address in AddressesIn(range))
        {
            if (TryFind(address, out TakenPage page) && page.Transit == PageTransit.Returning)
                SetTransit(address, PageTransit.None);
        }
    }

    /// <summary>Forgets what is in the range, and returns it; the frames are the caller's.</summary>
    internal List<TakenPage> RemoveAll(AddressRange range)
    {
        var removed = new List<TakenPage>();
        foreach (ulong address in AddressesIn(range))
        {
            if (Remove(address, out TakenPage page))
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
        foreach (ulong address in AddressesIn(from))
        {
            if (Remove(address, out TakenPage page) && page.State != TakenState.Collected)
                moving.Add((address - from.Start + to, page));
        }

        foreach ((ulong place, TakenPage page) in moving)
        {
            // The kernel first reports what the moved pages replace; should that ever be lost, no frame is.
            if (Remove(place, out TakenPage before))
                replaced.Add(before);
            Put(place, page.Transit == PageTransit.Returning ? page with { Transit = PageTransit.None } : page);
        }

        return replaced;
    }
}
