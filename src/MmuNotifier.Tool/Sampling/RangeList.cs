namespace MmuNotifier.Tool.Sampling;

/// <summary>Operations on ranges in ascending order that neither overlap nor touch.</summary>
internal static class RangeList
{
    /// <summary>Sorts the ranges, and joins those that overlap or touch.</summary>
    internal static List<AddressRange> Join(IEnumerable<AddressRange> ranges)
    {
        List<AddressRange> joined = [];
        foreach (AddressRange range in ranges.OrderBy(range => range.Start))
        {
            if (joined.Count > 0 && (joined[^1].Last == ulong.MaxValue || range.Start <= joined[^1].Last + 1))
                joined[^1] = joined[^1].Hull(range);
            else
                joined.Add(range);
        }

        return joined;
    }

    /// <summary>The parts of a range that lie in none of the others.</summary>
    internal static IEnumerable<AddressRange> Subtract(AddressRange range, List<AddressRange> others)
    {
        ulong next = range.Start;
        for (int i = FirstFrom(others, range.Start); i < others.Count && others[i].Start <= range.Last; i++)
        {
            if (next < others[i].Start)
                yield return new AddressRange(next, others[i].Start - 1);
            if (others[i].Last >= range.Last)
                yield break;
            next = others[i].Last + 1;
        }

        yield return new AddressRange(next, range.Last);
    }

    /// <summary>The parts of a range that lie in one of the others.</summary>
    internal static IEnumerable<AddressRange> Intersect(AddressRange range, IReadOnlyList<AddressRange> others)
    {
        for (int i = FirstFrom(others, range.Start); i < others.Count && others[i].TryIntersect(range, out AddressRange part); i++)
            yield return part;
    }

    /// <summary>The first range that does not lie before an address.</summary>
    internal static int FirstFrom(IReadOnlyList<AddressRange> ranges, ulong address)
    {
        (int low, int high) = (0, ranges.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].Last < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
