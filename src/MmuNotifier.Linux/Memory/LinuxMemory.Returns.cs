using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Pages that devices have: what is known of them, and bringing them back.</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    public override IReadOnlyList<ulong> FindDevicePages(DeviceMemory device)
    {
        lock (_taken.Lock)
            return _taken.AddressesOf(device);
    }

    /// <summary>Under the mapping lock: brings back what devices have in the range, by touching it as the program would.</summary>
    private void ReturnRange(AddressRange range)
    {
        List<ulong> away = AwayIn(range, out bool isExclusive);
        if (away.Count == 0)
        {
            HandleMessages();
            return;
        }

        using (Space.StartInvalidation(range, isExclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate))
        {
            foreach (AddressRange run in RunsOf(away))
                Populate(run, isWrite: false);
            HandleMessages(range);
        }
    }

    /// <summary>Under the mapping lock and an invalidation of the range: brings back the pages of a migration to system memory.</summary>
    private void ReturnCollected(AddressRange range, Span<MigratePage> pages)
    {
        foreach (ref readonly MigratePage page in pages)
        {
            if (IsToReturn(page) && TryFindAway(page.Address, out _))
                Populate(RangeOfPage(page.Address), isWrite: false);
        }

        HandleMessages(range);
        foreach (ref MigratePage page in pages)
        {
            if (!IsToReturn(page))
                continue;
            FreeTaken(RangeOfPage(page.Address), static taken => taken.State == TakenState.Resident);
            page.IsMoved = !TryFindAway(page.Address, out _);
        }
    }

    private static bool IsToReturn(in MigratePage page) =>
        page.CanMove && page.IsToSystem && page.SourceFrame >= DeviceMemory.FirstDeviceFrame;

    private static IEnumerable<AddressRange> RunsOf(List<ulong> addresses)
    {
        for (int i = 0; i < addresses.Count;)
        {
            int first = i;
            while (++i < addresses.Count && addresses[i] == addresses[i - 1] + PageBytes)
                continue;
            yield return new AddressRange(addresses[first], addresses[i - 1] + PageBytes - 1);
        }
    }

    private List<ulong> AwayIn(AddressRange range, out bool isExclusive)
    {
        lock (_taken.Lock)
        {
            List<ulong> addresses = _taken.AddressesIn(range);
            addresses.RemoveAll(address => !_taken.TryFind(address, out TakenPage page) || !page.IsAway);
            isExclusive = addresses.Exists(address => _taken.TryFind(address, out TakenPage page) && page.State == TakenState.Exclusive);
            return addresses;
        }
    }

    private bool AnyAway(AddressRange range)
    {
        lock (_taken.Lock)
        {
            return _taken.Count > 0
                && _taken.AddressesIn(range).Exists(address => _taken.TryFind(address, out TakenPage page) && page.IsAway);
        }
    }

    private bool TryFindAway(ulong address, out TakenPage page)
    {
        lock (_taken.Lock)
            return _taken.TryFind(address, out page) && page.IsAway;
    }

    // A migration lasts from Collect to Finish, which are the caller's. False if it has not ended within the limit of a range fault.
    private bool WaitForMigration(ulong address)
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

    // In: a frame of a device; out: the page's number in this process, if its content has stayed there.
    private bool TryFindResident(ref ulong frame)
    {
        lock (_taken.Lock)
        {
            if (!_taken.TryFindResident(frame, out ulong address))
                return false;
            frame = address / PageBytes;
            return true;
        }
    }

    /// <summary>
    /// The entry of a page that a device has; false if none has it, or has lost it to a touch that devices have yet to hear of.
    /// </summary>
    private bool TryDescribeTaken(ulong address, bool mayWrite, bool isWritable, out PageEntry entry)
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

    /// <summary>Frees the frames of pages whose content has gone, or has stayed here.</summary>
    private void FreeTaken(AddressRange range, Func<TakenPage, bool> which)
    {
        List<TakenPage> freed = [];
        lock (_taken.Lock)
        {
            foreach (ulong address in _taken.AddressesIn(range))
            {
                if (_taken.TryFind(address, out TakenPage page) && which(page) && _taken.Remove(address, out _))
                    freed.Add(page);
            }
        }

        foreach (TakenPage page in freed)
            page.Memory!.Free(page.Frame);
    }
}
