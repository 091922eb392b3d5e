using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Pages that the process drops because we asked for it: the first event of each is not news. A second one is: the process drops the page
/// by itself, too. Counted page by page, since the kernel reports each mapping's part, and others may drop a part meanwhile. Used under
/// the lock of the taken pages.
/// </summary>
internal sealed class OwnDrops
{
    private readonly RangeSet _expected = new();

    /// <summary>The process is about to be asked.</summary>
    internal void Expect(AddressRange range) => _expected.Add(range);

    /// <summary>The process has answered: every event of the drop was read before.</summary>
    internal void End(AddressRange range) => _expected.Remove(range);

    /// <summary>The event of a drop was read.</summary>
    /// <returns>The parts of it that we did not ask for.</returns>
    internal List<AddressRange> TakeNews(AddressRange dropped)
    {
        var news = new List<AddressRange>();
        ulong next = dropped.Start;
        while (_expected.TryFind(next, out AddressRange expected) && expected.Start <= dropped.Last)
        {
            if (expected.Start > next)
                news.Add(new AddressRange(next, expected.Start - 1));
            _expected.Remove(expected.Intersect(dropped));
            if (expected.Last >= dropped.Last)
                return news;
            next = expected.Last + 1;
        }

        news.Add(new AddressRange(next, dropped.Last));
        return news;
    }
}
