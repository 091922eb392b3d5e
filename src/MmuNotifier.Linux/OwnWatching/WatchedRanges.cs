using System.Numerics;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>The ranges that are watched, found by overlap. Guarded by the watch's lock.</summary>
/// <remarks>
/// One set for each power of two of the length, in the order of the starts: what overlaps a range lies in it, or begins less than twice that length before
/// it. So a search looks at what it finds, and at little more.
/// </remarks>
internal sealed class WatchedRanges
{
    private static readonly IComparer<WatchedRange> s_order = Comparer<WatchedRange>.Create(
        (a, b) => a.Range.Start != b.Range.Start ? a.Range.Start.CompareTo(b.Range.Start) : a.Range.Last.CompareTo(b.Range.Last));

    private readonly SortedSet<WatchedRange>?[] _byLength = new SortedSet<WatchedRange>?[64];
    private readonly Dictionary<AddressRange, WatchedRange> _byRange = [];

    internal int Count => _byRange.Count;

    /// <summary>All, in no order.</summary>
    internal IEnumerable<WatchedRange> All => _byRange.Values;

    internal WatchedRange Add(AddressRange range)
    {
        if (!_byRange.TryGetValue(range, out WatchedRange? watched))
        {
            watched = new WatchedRange(range);
            _byRange.Add(range, watched);
            (_byLength[ClassOf(range)] ??= new SortedSet<WatchedRange>(s_order)).Add(watched);
        }

        watched.Count++;
        return watched;
    }

    internal WatchedRange? Find(AddressRange range) => _byRange.GetValueOrDefault(range);

    /// <returns>Whether it was there and nobody needs it any more.</returns>
    internal bool Remove(AddressRange range)
    {
        if (!_byRange.TryGetValue(range, out WatchedRange? watched) || --watched.Count > 0)
            return false;
        _byRange.Remove(range);
        _byLength[ClassOf(range)]!.Remove(watched);
        return true;
    }

    internal void Clear()
    {
        _byRange.Clear();
        Array.Clear(_byLength);
    }

    internal bool Overlaps(AddressRange range)
    {
        foreach (WatchedRange _ in Overlapping(range))
            return true;
        return false;
    }

    internal IEnumerable<WatchedRange> Overlapping(AddressRange range)
    {
        for (int i = 0; i < _byLength.Length; i++)
        {
            if (_byLength[i] is not { Count: > 0 } ranges)
                continue;
            ulong reach = i == 63 ? ulong.MaxValue : 2UL << i;
            ulong first = range.Start - Math.Min(reach, range.Start);
            var from = new WatchedRange(new AddressRange(first, first));
            var to = new WatchedRange(new AddressRange(range.Last, ulong.MaxValue));
            foreach (WatchedRange watched in ranges.GetViewBetween(from, to))
            {
                if (watched.Range.Overlaps(range))
                    yield return watched;
            }
        }
    }

    private static int ClassOf(AddressRange range) => BitOperations.Log2(Math.Max(range.Last - range.Start, 1));
}
