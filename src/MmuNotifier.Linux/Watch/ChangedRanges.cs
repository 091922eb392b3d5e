namespace MmuNotifier.Linux;

/// <summary>
/// Ranges that were reported as changed, in any order and overlapping. Costs an entry for each report; when there are many, those that
/// overlap or touch are joined. Not for concurrent use.
/// </summary>
internal sealed class ChangedRanges
{
    private const int FirstJoin = 1 << 14;

    private List<AddressRange> _ranges = [];
    private int _joinAt = FirstJoin;

    /// <summary>For how many reports there is room.</summary>
    internal int Reserved => _ranges.Capacity;

    internal void Add(AddressRange range)
    {
        if (_ranges.Count == _joinAt)
        {
            Join();
            // What cannot be joined is not looked at again before there is as much again.
            _joinAt = Math.Max(FirstJoin, _ranges.Count * 2);
        }

        _ranges.Add(range);
    }

    /// <summary>What was added since the last call, in ascending order, joined.</summary>
    internal List<AddressRange> Take()
    {
        Join();
        List<AddressRange> taken = _ranges;
        (_ranges, _joinAt) = ([], FirstJoin);
        return taken;
    }

    private void Join()
    {
        _ranges.Sort((left, right) => left.Start.CompareTo(right.Start));
        int count = 0;
        for (int i = 0; i < _ranges.Count; i++)
        {
            AddressRange range = _ranges[i];
            bool touches = count > 0 && (range.Start <= _ranges[count - 1].Last || range.Start - _ranges[count - 1].Last == 1);
            if (touches)
                _ranges[count - 1] = _ranges[count - 1].Hull(range);
            else
                _ranges[count++] = range;
        }

        _ranges.RemoveRange(count, _ranges.Count - count);
    }
}
