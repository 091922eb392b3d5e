using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// The pages of this process that devices have, and the frames in which exclusive ones are. It owns the frames that it knows of. Any thread
/// may call any member, unless its comment says more; the lock is a leaf.
/// </summary>
internal sealed class DevicePageLedger : IDisposable
{
    // Under its own lock.
    private readonly TakenPages _taken = new();
    private readonly ExclusiveFrames _exclusiveFrames = new();

    /// <summary>The addresses of the pages whose frames are of a device's memory, ascending.</summary>
    internal IReadOnlyList<ulong> AddressesOf(DeviceMemory device)
    {
        lock (_taken.Lock)
            return _taken.AddressesOf(device);
    }

    /// <summary>The addresses of the pages in the range whose content is with a device, ascending.</summary>
    internal List<ulong> AwayIn(AddressRange range, out bool isExclusive)
    {
        lock (_taken.Lock)
        {
            List<ulong> addresses = _taken.AddressesIn(range);
            addresses.RemoveAll(address => !_taken.TryFind(address, out TakenPage page) || !page.IsAway);
            isExclusive = addresses.Exists(address => _taken.TryFind(address, out TakenPage page) && page.State == TakenState.Exclusive);
            return addresses;
        }
    }

    internal bool AnyAway(AddressRange range)
    {
        lock (_taken.Lock)
        {
            return _taken.Count > 0
                && _taken.AddressesIn(range).Exists(address => _taken.TryFind(address, out TakenPage page) && page.IsAway);
        }
    }

    internal bool TryFindAway(ulong address, out TakenPage page)
    {
        lock (_taken.Lock)
            return _taken.TryFind(address, out page) && page.IsAway;
    }

    /// <summary>Whether a device has the page, by name or by content, or a migration has collected it.</summary>
    internal bool Contains(ulong address)
    {
        lock (_taken.Lock)
            return _taken.TryFind(address, out _);
    }

    /// <summary>In: a frame of a device; out: the page's number in this process, if its content has stayed there.</summary>
    internal bool TryFindResident(ref ulong frame)
    {
        lock (_taken.Lock)
            return _taken.TryFindResident(ref frame);
    }

    /// <summary>
    /// Waits until no migration has the page. A migration lasts from Collect to Finish, which are its caller's. False if it has not ended
    /// within the limit of a range fault.
    /// </summary>
    internal bool WaitForMigration(ulong address)
    {
        long end = Environment.TickCount64 + (long)HmmRange.DefaultTimeout.TotalMilliseconds;
        var spinner = default(SpinWait);
        while (true)
        {
            lock (_taken.Lock)
            {
                if (!_taken.TryFind(address, out TakenPage page) || !page.IsMigrating)
                    return true;
            }

            if (Environment.TickCount64 > end)
                return false;
            spinner.SpinOnce();
        }
    }

    /// <summary>
    /// The entry of a page that a device has; false if none has it, or has lost it to a touch that devices have yet to hear of.
    /// </summary>
    internal bool TryDescribe(ulong address, bool mayWrite, bool isWritable, out PageEntry entry)
    {
        lock (_taken.Lock)
        {
            entry = default;
            if (!_taken.TryFind(address, out TakenPage page) || (page.IsAway && page.Memory!.IsRevoked(page.Frame)))
                return false;
            if (page.IsMigrating)
            {
                entry = new PageEntry(PageState.Migrating, 0, false, 0);
                return true;
            }

            entry = page.State switch
            {
                TakenState.Exclusive => new PageEntry(PageState.DeviceExclusive, page.Frame, mayWrite, 0),
                TakenState.Resident when page.Memory!.Kind == DeviceMemoryKind.Coherent =>
                    new PageEntry(PageState.Present, page.Frame, isWritable, 0),
                _ => new PageEntry(PageState.DevicePrivate, page.Frame, mayWrite, 0),
            };
            return true;
        }
    }

    /// <summary>
    /// Gives entries that <see cref="TryDescribe"/> has made their order, where they are part of a huge page that a device has as a whole.
    /// </summary>
    /// <remarks>For all entries at once: a huge page is looked at once, and not once for each of its pages.</remarks>
    internal void MarkWhole(AddressRange range, Span<PageEntry> entries)
    {
        lock (_taken.Lock)
        {
            for (ulong block = HugePage.StartOf(range.Start); block <= range.Last; block += HugePage.Bytes)
            {
                if (!_taken.TryFindBlock(block, out TakenPage whole) || whole.IsMigrating || IsAnyRevoked(whole))
                    continue;
                AddressRange part = HugePage.RangeOf(block).Intersect(range);
                int first = (int)((part.Start - range.Start) / MirroredMemory.PageBytes);
                ulong frame = whole.Frame + ((part.Start - block) / MirroredMemory.PageBytes);
                for (int i = first; i < entries.Length && frame < whole.Frame + HugePage.Pages; i++, frame++)
                {
                    if (entries[i].State == PageState.DevicePrivate && entries[i].Frame == frame)
                        entries[i] = entries[i] with { Order = HugePage.Order };
                }
            }
        }
    }

    // A touch may have taken one of its pages back of which devices have yet to hear.
    private static bool IsAnyRevoked(TakenPage block)
    {
        for (ulong i = 0; i < HugePage.Pages; i++)
        {
            if (block.Memory!.IsRevoked(block.Frame + i))
                return true;
        }

        return false;
    }

    /// <summary>What devices have of a block becomes one entry, if it can.</summary>
    internal void JoinBlock(ulong block)
    {
        lock (_taken.Lock)
            _taken.JoinBlock(block);
    }

    /// <summary>A device has the page from now on, which it did not.</summary>
    internal void Put(ulong address, TakenPage page)
    {
        lock (_taken.Lock)
            _taken.Put(address, page);
    }

    /// <summary>
    /// Forgets a page whose content came back or is gone; its frame is the caller's. False if the page has been taken again since: then the
    /// word of its frame is another one, and it stays.
    /// </summary>
    internal unsafe bool TryEnd(ulong address, ulong word, out TakenPage page)
    {
        lock (_taken.Lock)
        {
            return _taken.TryFind(address, out page) && page.IsAway && (ulong)page.Memory!.WordOf(page.Frame) == word
                && _taken.Remove(address, out _);
        }
    }

    /// <summary>The range has moved (mremap), and what devices have of it.</summary>
    internal void Move(AddressRange from, ulong to)
    {
        List<TakenPage> replaced;
        lock (_taken.Lock)
            replaced = _taken.Move(from, to);
        Free(replaced);
    }

    /// <summary>Frees the frames of pages whose content has gone, or has stayed here.</summary>
    internal void Free(AddressRange range, Func<TakenPage, bool> which)
    {
        List<TakenPage> freed = [];
        lock (_taken.Lock)
        {
            foreach (ulong address in _taken.AddressesIn(range))
            {
                if (_taken.TryFind(address, out TakenPage page) && which(page) && _taken.Remove(address, out page))
                    freed.Add(page);
            }
        }

        Free(freed);
    }

    /// <summary>Frees the names that devices have for pages whose content stayed here.</summary>
    internal void FreeResident(AddressRange range) => Free(range, static page => page.State == TakenState.Resident);

    /// <summary>Marks those of the pages that a migration may bring back; see <see cref="TakenPages.CollectForReturn"/>.</summary>
    internal void CollectForReturn(MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        lock (_taken.Lock)
            _taken.CollectForReturn(select, owner, pages);
    }

    /// <summary>What of the collected pages has not come back is any device's again.</summary>
    internal void EndReturn(AddressRange range)
    {
        lock (_taken.Lock)
            _taken.EndReturn(range);
    }

    /// <summary>A frame for a page that a device wants for its atomics; false if none is left.</summary>
    internal bool TryAllocateExclusive(out DeviceMemory memory, out ulong frame) => _exclusiveFrames.TryAllocate(out memory, out frame);

    public void Dispose() => _exclusiveFrames.Dispose();

    private static void Free(List<TakenPage> pages)
    {
        foreach (TakenPage page in pages)
            page.Free();
    }
}
