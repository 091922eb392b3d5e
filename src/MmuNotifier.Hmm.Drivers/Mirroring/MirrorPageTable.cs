namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>
/// The device's page table: address of a page → frame and tag. It holds no reference on the page. Guarded by the driver lock.
/// </summary>
internal sealed class MirrorPageTable
{
    private readonly Dictionary<ulong, (ulong Frame, MirrorPageTag Tag)> _entries = [];

    internal bool TryGet(ulong address, out ulong frame, out MirrorPageTag tag)
    {
        bool isThere = _entries.TryGetValue(address, out (ulong Frame, MirrorPageTag Tag) entry);
        (frame, tag) = entry;
        return isThere;
    }

    internal void Set(ulong address, ulong frame, MirrorPageTag tag) => _entries[address] = (frame, tag);

    internal void Forget(ulong address) => _entries.Remove(address);

    /// <summary>Forgets every page that the range touches; its bounds may lie within pages.</summary>
    internal void Forget(AddressRange range)
    {
        ulong first = range.Start / MirroredMemory.PageBytes;
        ulong last = range.Last / MirroredMemory.PageBytes;
        if (last - first >= (ulong)_entries.Count)
        {
            foreach (ulong address in _entries.Keys)
            {
                if (address / MirroredMemory.PageBytes is var number && number >= first && number <= last)
                    _entries.Remove(address);
            }

            return;
        }

        for (ulong number = first; number <= last; number++)
            _entries.Remove(number * MirroredMemory.PageBytes);
    }

    internal bool HasAtomic(AddressRange range)
    {
        foreach ((ulong address, (_, MirrorPageTag tag)) in _entries)
        {
            if (tag == MirrorPageTag.Atomic && range.Overlaps(AddressRange.FromLength(address, MirroredMemory.PageBytes)))
                return true;
        }

        return false;
    }
}
