using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Reports;

/// <summary>The mappings at a look, in the order of addresses; of those that overlap, in a damaged file, only the first is kept.</summary>
internal sealed class CurrentMappings
{
    private readonly List<ulong> _starts = [];
    private readonly List<(int Id, LiveMapping Mapping)> _mappings = [];
    private readonly Dictionary<int, LiveMapping> _byId = [];

    internal IReadOnlyList<(int Id, LiveMapping Mapping)> All => _mappings;

    internal bool Remove(int id)
    {
        if (!_byId.Remove(id, out LiveMapping mapping))
            return false;
        int index = _starts.BinarySearch(mapping.Range.Start);
        _starts.RemoveAt(index);
        _mappings.RemoveAt(index);
        return true;
    }

    /// <returns>False if there is something else at its place.</returns>
    internal bool TryAdd(int id, LiveMapping mapping)
    {
        int index = _starts.BinarySearch(mapping.Range.Start);
        if (index >= 0 || _byId.ContainsKey(id))
            return false;
        index = ~index;
        if ((index > 0 && _mappings[index - 1].Mapping.Range.Overlaps(mapping.Range))
            || (index < _mappings.Count && _mappings[index].Mapping.Range.Overlaps(mapping.Range)))
            return false;
        _starts.Insert(index, mapping.Range.Start);
        _mappings.Insert(index, (id, mapping));
        _byId.Add(id, mapping);
        return true;
    }

    /// <summary>The first mapping that does not lie before an address; their number if there is none.</summary>
    internal int FirstFrom(ulong address)
    {
        int index = _starts.BinarySearch(address);
        index = index >= 0 ? index : ~index;
        return index > 0 && _mappings[index - 1].Mapping.Range.Contains(address) ? index - 1 : index;
    }
}
