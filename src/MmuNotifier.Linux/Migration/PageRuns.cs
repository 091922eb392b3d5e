using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>Runs of consecutive pages: what can be done with one system call.</summary>
internal static class PageRuns
{
    internal delegate bool PageTest(in MigratePage page);

    /// <summary>The runs of which pages consist that are given in ascending order by their addresses.</summary>
    internal static IEnumerable<AddressRange> Of(List<ulong> addresses)
    {
        for (int i = 0; i < addresses.Count;)
        {
            int first = i;
            while (++i < addresses.Count && addresses[i] == addresses[i - 1] + MirroredMemory.PageBytes)
                continue;
            yield return new AddressRange(addresses[first], addresses[i - 1] + MirroredMemory.PageBytes - 1);
        }
    }

    /// <summary>
    /// Takes the next run of wanted pages out of the rest of a range's pages, with what comes before it; false if none is left. A page is
    /// tested when the runs before it have been dealt with.
    /// </summary>
    internal static bool TryTakeNext(ref Span<MigratePage> rest, PageTest isWanted, out Span<MigratePage> run)
    {
        int first = 0;
        while (first < rest.Length && !isWanted(rest[first]))
            first++;
        int end = first;
        while (end < rest.Length && isWanted(rest[end]))
            end++;
        run = rest[first..end];
        rest = rest[end..];
        return run.Length > 0;
    }

    /// <summary>How many of a run's first pages have destinations that follow each other in the device's memory.</summary>
    internal static int CountFollowing(ReadOnlySpan<MigratePage> run)
    {
        int count = 1;
        while (count < run.Length && run[count].DestinationFrame == run[0].DestinationFrame + (ulong)count)
            count++;
        return count;
    }

    /// <summary>Whether pages that follow each other begin with a block that moves to the device as a whole.</summary>
    internal static bool IsWhole(ReadOnlySpan<MigratePage> pages)
    {
        bool canBe = pages[0].Order == HugePage.Order && pages.Length >= HugePage.Pages
            && pages[0].DestinationFrame % HugePage.Pages == 0;
        return canBe && CountFollowing(pages[..HugePage.Pages]) == HugePage.Pages;
    }

    /// <summary>The range of the pages of a run.</summary>
    internal static AddressRange RangeOf(ReadOnlySpan<MigratePage> run) =>
        new(run[0].Address, run[^1].Address + MirroredMemory.PageBytes - 1);
}
