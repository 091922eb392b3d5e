namespace MmuNotifier.Linux.Tests.Watch;

public class WatchedRangesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void They_find_what_a_plain_list_finds_in_its_order(int seed)
    {
        var random = new Random(seed);
        var ranges = new WatchedRanges();
        List<AddressRange> list = [];
        for (int i = 0; i < 2000; i++)
        {
            if (list.Count > 0 && random.Next(5) < 2)
            {
                AddressRange removed = list[random.Next(list.Count)];
                list.Remove(removed);
                Assert.Equal(!list.Contains(removed), ranges.Remove(removed));
            }
            else
            {
                AddressRange added = Draw(random);
                list.Add(added);
                Assert.Equal(list.Count(range => range == added), ranges.Add(added).Count);
            }

            AddressRange searched = Draw(random);
            AddressRange[] expected =
                [.. list.Distinct().Where(range => range.Overlaps(searched)).OrderBy(range => range.Start).ThenBy(range => range.Last)];
            Assert.Equal(expected, Overlapping(ranges, searched));
            Assert.Equal(expected.Length > 0, ranges.Overlaps(searched));
            Assert.Equal(list.Distinct().Count(), ranges.Count);
        }
    }

    [Fact]
    public void Ends_of_the_address_space_are_found()
    {
        var ranges = new WatchedRanges();
        ranges.Add(AddressRange.Whole);
        ranges.Add(new AddressRange(0, 0));
        var lastByte = new AddressRange(ulong.MaxValue, ulong.MaxValue);
        ranges.Add(lastByte);
        Assert.Equal([new AddressRange(0, 0), AddressRange.Whole], Overlapping(ranges, new AddressRange(0, 0)));
        Assert.Equal([AddressRange.Whole, lastByte], Overlapping(ranges, lastByte));
        ranges.Clear();
        Assert.False(ranges.Overlaps(AddressRange.Whole));
    }

    [Fact]
    public void Many_ranges_in_order_make_no_deep_tree()
    {
        const int count = 200_000;
        var ranges = new WatchedRanges();
        for (ulong i = 0; i < count; i++)
            ranges.Add(AddressRange.FromLength(i << 17, 1 << 16));
        Assert.InRange(DepthOf(ranges.Root), 1, 80);
        for (ulong i = 0; i < count; i += 2)
            Assert.True(ranges.Remove(AddressRange.FromLength(i << 17, 1 << 16)));
        Assert.InRange(DepthOf(ranges.Root), 1, 80);
    }

    private static int DepthOf(WatchedRange? node) => node is null ? 0 : 1 + Math.Max(DepthOf(node.Before), DepthOf(node.After));

    private static AddressRange Draw(Random random) =>
        AddressRange.FromLength((ulong)random.Next(200), 1 + (ulong)random.Next(random.Next(4) == 0 ? 100 : 5));

    private static List<AddressRange> Overlapping(WatchedRanges ranges, AddressRange range)
    {
        List<AddressRange> found = [];
        WatchedRange? watched = null;
        while (ranges.TryNext(range, watched, out watched))
            found.Add(watched.Range);
        return found;
    }
}
