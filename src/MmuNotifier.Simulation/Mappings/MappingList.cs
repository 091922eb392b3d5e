namespace MmuNotifier.Simulation;

/// <summary>
/// The mappings of an address space, ascending, joined where neighbours are alike. Changed under the mapping lock and the page-table lock;
/// read under either.
/// </summary>
internal sealed class MappingList
{
    private readonly List<SimulatedMapping> _mappings = [];

    public IReadOnlyList<SimulatedMapping> All => _mappings;

    /// <summary>The mapping that covers the address or the next one above; null if there is none.</summary>
    public SimulatedMapping? Find(ulong address)
    {
        int index = IndexOf(address);
        return index < _mappings.Count ? _mappings[index] : null;
    }

    public SimulatedMapping? Covering(ulong address) => Find(address) is { } mapping && mapping.Covers(address) ? mapping : null;

    /// <summary>The parts of mappings that lie in [start, last], ascending; a copy.</summary>
    public List<SimulatedMapping> In(ulong start, ulong last)
    {
        var found = new List<SimulatedMapping>();
        for (int i = IndexOf(start); i < _mappings.Count && _mappings[i].Start <= last; i++)
            found.Add(_mappings[i].Slice(Math.Max(start, _mappings[i].Start), Math.Min(last, _mappings[i].Last)));
        return found;
    }

    public bool IsFree(ulong start, ulong last) => Find(start) is not { } mapping || mapping.Start > last;

    /// <summary>Takes [start, last] out; mappings that reach beyond keep their rest.</summary>
    public void Remove(ulong start, ulong last)
    {
        int index = IndexOf(start);
        while (index < _mappings.Count && _mappings[index].Start <= last)
        {
            SimulatedMapping mapping = _mappings[index];
            _mappings.RemoveAt(index);
            if (mapping.Start < start)
                _mappings.Insert(index++, mapping.Slice(mapping.Start, start - 1));
            if (mapping.Last > last)
                _mappings.Insert(index++, mapping.Slice(last + 1, mapping.Last));
        }
    }

    /// <summary>Puts a mapping into a free range, and joins it with its neighbours.</summary>
    public void Insert(SimulatedMapping mapping)
    {
        int index = IndexOf(mapping.Start);
        if (index < _mappings.Count && mapping.IsFollowedBy(_mappings[index]))
        {
            mapping = mapping with { Last = _mappings[index].Last };
            _mappings.RemoveAt(index);
        }

        if (index > 0 && _mappings[index - 1].IsFollowedBy(mapping))
        {
            mapping = _mappings[index - 1] with { Last = mapping.Last };
            _mappings.RemoveAt(--index);
        }

        _mappings.Insert(index, mapping);
    }

    public void Replace(SimulatedMapping mapping)
    {
        Remove(mapping.Start, mapping.Last);
        Insert(mapping);
    }

    /// <summary>The highest free range of the length that lies below the limit and is aligned; 0 if there is none.</summary>
    public ulong FindFree(ulong length, ulong alignment, ulong lowest, ulong limit)
    {
        ulong last = limit;
        for (int i = _mappings.Count - 1; i >= -1; i--)
        {
            ulong free = i < 0 ? lowest : Math.Max(lowest, _mappings[i].Last + 1);
            if (last > free && last - free + 1 >= length)
            {
                ulong start = (last - length + 1) & ~(alignment - 1);
                if (start >= free)
                    return start;
            }

            if (i >= 0)
                last = Math.Min(last, _mappings[i].Start - 1);
        }

        return 0;
    }

    private int IndexOf(ulong address)
    {
        int low = 0;
        int high = _mappings.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_mappings[middle].Last < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
