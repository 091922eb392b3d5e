namespace MmuNotifier.Hmm;

/// <summary>The device's page table: address of a page → frame and tag. It holds no reference on the page. Guarded by the driver lock.</summary>
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

    internal void Erase(ulong address) => _entries.Remove(address);

    internal void Erase(AddressRange range)
    {
        ulong pages = (range.Last - range.Start) / MirroredMemory.PageBytes;
        if (pages >= (ulong)_entries.Count)
        {
            foreach (ulong address in _entries.Keys)
            {
                if (range.Contains(address))
                    _entries.Remove(address);
            }

            return;
        }

        for (ulong i = 0; i <= pages; i++)
            _entries.Remove(range.Start + (i * MirroredMemory.PageBytes));
    }

    internal bool HasAtomic(AddressRange range)
    {
        foreach ((ulong address, (_, MirrorPageTag tag)) in _entries)
        {
            if (tag == MirrorPageTag.Atomic && range.Contains(address))
                return true;
        }

        return false;
    }
}
