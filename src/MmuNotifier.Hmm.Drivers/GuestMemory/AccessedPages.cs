namespace MmuNotifier.Hmm.Drivers;

/// <summary>The pages of which an entry's accessed bit is set. Guarded by the driver lock.</summary>
internal sealed class AccessedPages
{
    private readonly HashSet<ulong> _pages = [];

    public void Add(ulong page) => _pages.Add(page);

    public bool ContainsAny(AddressRange range)
    {
        ulong first = range.Start / MirroredMemory.PageBytes;
        ulong last = range.Last / MirroredMemory.PageBytes;
        if (last - first < (ulong)_pages.Count)
        {
            for (ulong number = first; number <= last; number++)
            {
                if (_pages.Contains(number * MirroredMemory.PageBytes))
                    return true;
            }

            return false;
        }

        foreach (ulong page in _pages)
        {
            if (page / MirroredMemory.PageBytes is var number && number >= first && number <= last)
                return true;
        }

        return false;
    }

    /// <summary>Clears the bits in the range; whether any was set.</summary>
    public bool Clear(AddressRange range)
    {
        ulong first = range.Start / MirroredMemory.PageBytes;
        ulong last = range.Last / MirroredMemory.PageBytes;
        if (last - first >= (ulong)_pages.Count)
            return _pages.RemoveWhere(page => page / MirroredMemory.PageBytes is var number && number >= first && number <= last) > 0;
        int before = _pages.Count;
        for (ulong number = first; number <= last; number++)
            _pages.Remove(number * MirroredMemory.PageBytes);
        return _pages.Count < before;
    }
}
