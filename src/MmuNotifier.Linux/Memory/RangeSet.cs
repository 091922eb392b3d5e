using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>A set of addresses as ranges that do not overlap, in ascending order. Guarded by its owner.</summary>
internal sealed class RangeSet
{
    private readonly List<AddressRange> _ranges = [];

    internal IReadOnlyList<AddressRange> Ranges => _ranges;

    internal bool Overlaps(AddressRange range)
    {
        int index = IndexFrom(range.Start);
        return index < _ranges.Count && _ranges[index].Start <= range.Last;
    }

    /// <summary>The parts of the range that are in the set.</summary>
    internal List<AddressRange> Intersect(AddressRange range)
    {
        List<AddressRange> parts = [];
        for (int i = IndexFrom(range.Start); i < _ranges.Count && _ranges[i].TryIntersect(range, out AddressRange part); i++)
            parts.Add(part);
        return parts;
    }

    /// <summary>Whether every address of the range is in the set.</summary>
    internal bool Covers(AddressRange range)
    {
        ulong next = range.Start;
        foreach (AddressRange part in Intersect(range))
        {
            if (part.Start != next)
                return false;
            if (part.Last == range.Last)
                return true;
            next = part.Last + 1;
        }

        return false;
    }

    /// <summary>The range that covers the address, or the next one above it.</summary>
    internal bool TryFind(ulong address, out AddressRange range)
    {
        int index = IndexFrom(address);
        range = index < _ranges.Count ? _ranges[index] : default;
        return index < _ranges.Count;
    }

    internal void Add(AddressRange range)
    {
        Remove(range);
        _ranges.Insert(IndexFrom(range.Start), range);
    }

    internal void Remove(AddressRange range)
    {
        int index = IndexFrom(range.Start);
        while (index < _ranges.Count && _ranges[index].Start <= range.Last)
        {
            AddressRange found = _ranges[index];
            _ranges.RemoveAt(index);
            if (found.Start < range.Start)
                _ranges.Insert(index++, new AddressRange(found.Start, range.Start - 1));
            if (found.Last > range.Last)
                _ranges.Insert(index++, new AddressRange(range.Last + 1, found.Last));
        }
    }

    private int IndexFrom(ulong address) =>
        AddressOrder.FirstFrom(CollectionsMarshal.AsSpan(_ranges), address, static range => range.Last);
}
