using System.Diagnostics;

namespace MmuNotifier.Linux;

/// <summary>Ranges whose mappings may be watched for nobody. Bounded. Guarded by the watch's lock.</summary>
internal sealed class IdleRanges
{
    private const int Capacity = 1024;

    private readonly List<AddressRange> _ranges = new(Capacity + 1);
    private long _since;
    private volatile bool _isAny;

    /// <summary>For a look without the lock.</summary>
    internal bool IsAny => _isAny;

    /// <summary>How long the oldest has been here.</summary>
    internal TimeSpan Age => Stopwatch.GetElapsedTime(_since);

    /// <summary>Adds a range with its neighbours: an unmapped hole leaves watched mappings at its sides.</summary>
    internal void AddAround(AddressRange range) =>
        Add(new AddressRange(range.Start - Math.Min(range.Start, 1), range.Last + Math.Min(ulong.MaxValue - range.Last, 1)));

    /// <summary>
    /// Adds a range. When too many are here, neighbours become one: then more mappings are looked at, but none is forgotten.
    /// </summary>
    internal void Add(AddressRange range)
    {
        if (!_isAny)
            _since = Stopwatch.GetTimestamp();
        _isAny = true;
        if (_ranges.Count > 0 && _ranges[^1].Overlaps(range))
        {
            _ranges[^1] = _ranges[^1].Hull(range);
            return;
        }

        if (_ranges.Count == Capacity)
            JoinNeighbours();
        _ranges.Add(range);
    }

    /// <summary>Takes the one that was added last.</summary>
    internal bool TryTake(out AddressRange range)
    {
        range = default;
        if (_ranges.Count == 0)
            return false;
        range = _ranges[^1];
        _ranges.RemoveAt(_ranges.Count - 1);
        _isAny = _ranges.Count > 0;
        return true;
    }

    private void JoinNeighbours()
    {
        _ranges.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        for (int i = 0; i < Capacity / 2; i++)
            _ranges[i] = _ranges[2 * i].Hull(_ranges[(2 * i) + 1]);
        _ranges.RemoveRange(Capacity / 2, Capacity / 2);
    }
}
