using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>Memory that was unmapped, until it is mapped again. Remembers a bounded number of ranges, the newest.</summary>
internal sealed class UnmappedMemory
{
    private const int MostRanges = 1 << 16;

    private List<(AddressRange Range, Churn Churn)> _ranges = [];

    /// <param name="range">What was unmapped.</param>
    /// <param name="churn">Gets to know when some of it is mapped again.</param>
    internal void Add(AddressRange range, Churn churn)
    {
        if (_ranges.Count == MostRanges)
            _ranges.RemoveRange(0, MostRanges / 2);
        _ranges.Add((range, churn));
    }

    /// <summary>Forgets all: another program has other memory.</summary>
    internal void Clear() => _ranges.Clear();

    /// <summary>Takes out what is mapped again at its place, or at a part of it, and counts it.</summary>
    internal void CountReturned(IEnumerable<AddressRange> mapped)
    {
        List<AddressRange> places = RangeList.Join(mapped);
        if (places.Count == 0 || _ranges.Count == 0)
            return;
        List<(AddressRange Range, Churn Churn)> left = [];
        foreach ((AddressRange range, Churn churn) in _ranges)
        {
            int index = RangeList.FirstFrom(places, range.Start);
            if (index < places.Count && places[index].Overlaps(range))
                churn.AddReturned();
            else
                left.Add((range, churn));
        }

        _ranges = left;
    }
}
