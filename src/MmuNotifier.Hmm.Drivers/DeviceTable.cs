namespace MmuNotifier.Hmm.Drivers;

/// <summary>A device's page table: page address to entry. Guarded by the driver lock.</summary>
internal sealed class DeviceTable
{
    private readonly Dictionary<ulong, HmmEntry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The entry of the page; <see cref="HmmEntry.None"/> if it has none.</summary>
    public HmmEntry Get(ulong page) => _entries.GetValueOrDefault(page);

    public void Set(ulong page, HmmEntry entry)
    {
        NamedStep.Note(
            $"device entry: {AddressRange.FromLength(page, MirroredMemory.PageBytes)}{(entry.IsWritable ? ", writable" : ", read-only")}");
        _entries[page] = entry;
    }

    public void Forget(ulong page) => _entries.Remove(page);

    public void Clear() => _entries.Clear();

    /// <summary>Forgets every entry of the range, of which the bounds may lie within pages.</summary>
    public void Forget(AddressRange range)
    {
        NamedStep.Note($"device entries forgotten: {range}");
        ulong first = range.Start / MirroredMemory.PageBytes;
        ulong last = range.Last / MirroredMemory.PageBytes;
        if (last - first >= (ulong)_entries.Count)
        {
            foreach (ulong page in _entries.Keys)
            {
                if (range.Overlaps(AddressRange.FromLength(page, MirroredMemory.PageBytes)))
                    _entries.Remove(page);
            }

            return;
        }

        for (ulong number = first; number <= last; number++)
            _entries.Remove(number * MirroredMemory.PageBytes);
    }
}
