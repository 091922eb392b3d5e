using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Which pages of a process may have other content than at an earlier moment, and where that is not known.</summary>
/// <remarks>Immutable; usable from any thread.</remarks>
public sealed class WrittenPages
{
    private readonly AddressRange[] _ranges;

    internal WrittenPages(DateTimeOffset since, TimeSpan period, AddressRange[] ranges, IReadOnlyList<LiveMapping> notSeen)
    {
        Since = since;
        Period = period;
        _ranges = ranges;
        NotSeen = notSeen;
        foreach (AddressRange range in ranges)
            PageCount += PageTableLook.PagesIn(range);
    }

    /// <summary>The moment from which on writes are in it, by this machine's clock.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>How long after <see cref="Since"/> the writes in it end; a write during the call that returned it may be in it.</summary>
    public TimeSpan Period { get; }

    /// <summary>
    /// Pages that the process has written, or that were dropped, unmapped and mapped again, or moved there; in ascending order, joined
    /// where they touch. Only what is mapped now. Whole pages of 4 KiB; a write to a page of hugetlb counts as a write to all of it.
    /// </summary>
    public IReadOnlyList<AddressRange> Ranges => _ranges;

    /// <summary>How many pages of 4 KiB they are.</summary>
    public long PageCount { get; }

    /// <summary>
    /// Mappings whose changes cannot be seen, or not all of them: <see cref="LiveMapping.NotSeen"/> says why. Their pages may have changed
    /// although they are not in <see cref="Ranges"/>.
    /// </summary>
    public IReadOnlyList<LiveMapping> NotSeen { get; }

    /// <summary>How many of the pages lie in a range, at least with one byte.</summary>
    /// <param name="range">Bounds inclusive.</param>
    public long CountIn(AddressRange range)
    {
        var pages = new AddressRange(range.Start & ~(PageSize.Bytes - 1), range.Last | (PageSize.Bytes - 1));
        long count = 0;
        for (int i = FirstFrom(pages.Start); i < _ranges.Length && _ranges[i].TryIntersect(pages, out AddressRange part); i++)
            count += PageTableLook.PagesIn(part);
        return count;
    }

    /// <summary>The first range that does not lie before the address.</summary>
    private int FirstFrom(ulong address)
    {
        (int low, int high) = (0, _ranges.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].Last < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
