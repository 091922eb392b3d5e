using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>A look costs in proportion to what has changed, not to what is watched. Calls are counted, not time.</summary>
[Collection(WatchGroup.Name)]
public sealed class EffortTests
{
    private const int Ranges = 4000;

    /// <summary>More than a short list of records, and less than a ring holds.</summary>
    private const int ChangesBeforeLook = 200;

    [Fact]
    public void Ranges_of_one_mapping_that_are_mapped_over_are_looked_at_once()
    {
        using var watched = new Watched();
        watched.RequireRecords();
        ulong address = MapTouched(2 * Ranges);
        for (ulong i = 0; i < Ranges; i++)
            Assert.True(watched.Watch.TryWatch(Pages(address + (2 * i * Page), 1)));
        watched.Watch.CatchUp();
        long before = watched.Watch.Scans;
        for (ulong i = 0; i < Ranges; i++)
        {
            MapPages(1, flags: PrivateAnonymous | Fixed, address: address + (2 * i * Page));
            if (i % ChangesBeforeLook == 0)
                watched.Watch.CatchUp();
        }

        watched.Watch.CatchUp();
        // A look for each change, by the watch's own thread some more, and a look at everything should a ring have overflowed.
        Assert.InRange(watched.Watch.Scans - before, 0, 6 * Ranges);
        Assert.True(watched.IsReported(Pages(address, 1)) || watched.IsReported(AddressRange.Whole));
        Unmap(address, 2 * Ranges * Page);
    }
}
