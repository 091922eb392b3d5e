using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Taking;

/// <summary>
/// The pages of a process that devices have, by address, and those that are resident by frame. All members are used under <see
/// cref="Lock"/>, a leaf: while it is held, nothing is waited for but the kernel. What makes a page or protects one is decided and done
/// under it too, so that a fault is never answered for a page that is being collected.
/// </summary>
internal sealed class TakenPages
{
    private readonly Dictionary<ulong, TakenPage> _pages = [];
    private readonly Dictionary<ulong, ulong> _residents = [];

    internal Lock Lock { get; } = new();

    internal int Count => _pages.Count;

    internal bool TryFind(ulong address, out TakenPage page) => _pages.TryGetValue(address, out page);

    /// <summary>Where the content of a frame is, if it stayed in the process.</summary>
    internal bool TryFindResident(ulong frame, out ulong address) => _residents.TryGetValue(frame, out address);

    internal void Set(ulong address, TakenPage page)
    {
        Remove(address, out _);
        _pages[address] = page;
        if (page.State == TakenState.Resident)
            _residents[page.Frame] = address;
    }

    internal bool Remove(ulong address, out TakenPage page)
    {
        if (!_pages.Remove(address, out page))
            return false;
        if (page.State == TakenState.Resident)
            _residents.Remove(page.Frame);
        return true;
    }

    /// <summary>The addresses in the range, ascending.</summary>
    internal List<ulong> AddressesIn(AddressRange range)
    {
        var found = new List<ulong>();
        if ((range.Last - range.Start) / MirroredMemory.PageBytes > (ulong)_pages.Count)
        {
            found.AddRange(_pages.Keys.Where(range.Contains));
            found.Sort();
            return found;
        }

        for (ulong address = range.Start; address <= range.Last; address += MirroredMemory.PageBytes)
        {
            if (_pages.ContainsKey(address))
                found.Add(address);
        }

        return found;
    }

    /// <summary>Forgets what is in the range, and returns it.</summary>
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
    /// The range has moved (mremap), and its pages with it. Those that are collected stay where they were and are forgotten.
    /// </summary>
    internal void Move(AddressRange from, ulong to)
    {
        foreach (ulong address in AddressesIn(from))
        {
            if (Remove(address, out TakenPage page) && page.State != TakenState.Collected)
                Set(address - from.Start + to, page);
        }
    }
}
