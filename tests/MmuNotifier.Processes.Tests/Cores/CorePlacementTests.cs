
namespace MmuNotifier.Processes.Tests.Cores;

public class CorePlacementTests
{
    [Fact]
    public void Places_do_not_overlap_and_stay_where_they_are()
    {
        var random = new Random(3);
        var placement = new CorePlacement();
        var known = new Dictionary<ulong, long>();
        for (int i = 0; i < 2_000; i++)
        {
            ulong first = (ulong)random.Next(5_000);
            ulong last = first + (ulong)random.Next(60);
            placement.Place(new AddressRange(first * 4096, (last * 4096) + 4095));
            for (ulong page = first; page <= last; page++)
            {
                long offset = placement.Find(page * 4096, page * 4096 + 4095).Offset;
                Assert.Equal(offset, known.GetValueOrDefault(page, offset));
                known[page] = offset;
            }
        }

        Assert.Equal(known.Count, known.Values.Distinct().Count());
        Assert.All(known.Values, offset => Assert.True(offset >= 4096 && offset < placement.EndOffset && offset % 4096 == 0));
        Assert.Equal(4096 + (known.Count * 4096L), placement.EndOffset);
    }

    [Fact]
    public void Neighbours_placed_in_one_go_lie_side_by_side()
    {
        var placement = new CorePlacement();
        placement.Place(new AddressRange(0x1000, 0x2fff));
        placement.Place(new AddressRange(0x3000, 0x3fff));
        Assert.Equal(new CorePlace(0x1000, 0x3fff, 4096), placement.Find(0x1000, 0x3fff));
    }
}
