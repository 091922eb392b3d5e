using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Pages that a forked child has yet to get, by where they are in the child. It changes its memory meanwhile.</summary>
internal sealed class ChildPages
{
    private readonly Dictionary<ulong, TakenPage> _pages;

    internal ChildPages(IEnumerable<KeyValuePair<ulong, TakenPage>> pages) => _pages = new Dictionary<ulong, TakenPage>(pages);

    /// <summary>Those that a child of the child has yet to get.</summary>
    internal ChildPages Copy() => new(_pages);

    /// <summary>One of them; false when the child has all.</summary>
    internal bool TryPeek(out ulong address, out TakenPage page)
    {
        Dictionary<ulong, TakenPage>.Enumerator pages = _pages.GetEnumerator();
        bool isAny = pages.MoveNext();
        (address, page) = isAny ? (pages.Current.Key, pages.Current.Value) : (0, default);
        return isAny;
    }

    /// <summary>The child has got the page, or no longer wants it.</summary>
    internal void Remove(ulong address) => _pages.Remove(address);

    /// <summary>The child has unmapped or dropped the range.</summary>
    internal void Remove(AddressRange range)
    {
        foreach (ulong address in AddressesIn(range))
            _pages.Remove(address);
    }

    /// <summary>The child has moved the range.</summary>
    internal void Move(AddressRange from, ulong to)
    {
        var moved = new List<KeyValuePair<ulong, TakenPage>>();
        foreach (ulong address in AddressesIn(from))
        {
            if (_pages.Remove(address, out TakenPage page))
                moved.Add(new(address - from.Start + to, page));
        }

        foreach ((ulong address, TakenPage page) in moved)
            _pages[address] = page;
    }

    private List<ulong> AddressesIn(AddressRange range) => [.. _pages.Keys.Where(range.Contains)];
}
