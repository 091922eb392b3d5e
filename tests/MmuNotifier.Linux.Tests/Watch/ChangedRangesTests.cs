namespace MmuNotifier.Linux.Tests.Watch;

public sealed class ChangedRangesTests
{
    [Fact]
    public void They_come_in_order_and_joined_where_they_overlap_or_touch()
    {
        var ranges = new ChangedRanges();
        foreach ((ulong start, ulong last) in ((ulong, ulong)[])[(50, 59), (10, 19), (0, 9), (15, 30), (52, 53), (70, 70)])
            ranges.Add(new AddressRange(start, last));

        Assert.Equal([new AddressRange(0, 30), new AddressRange(50, 59), new AddressRange(70, 70)], ranges.Take());
        Assert.Empty(ranges.Take());
    }

    [Fact]
    public void The_whole_space_is_a_range_like_any_other()
    {
        var ranges = new ChangedRanges();
        ranges.Add(new AddressRange(ulong.MaxValue - 9, ulong.MaxValue));
        ranges.Add(AddressRange.Whole);
        ranges.Add(new AddressRange(5, 6));

        Assert.Equal([AddressRange.Whole], ranges.Take());
    }

    [Fact]
    public void Many_reports_of_few_pages_take_little_room()
    {
        var ranges = new ChangedRanges();
        for (ulong i = 0; i < 200_000; i++)
            ranges.Add(AddressRange.FromLength(i % 100 * 8192, 4096));

        Assert.InRange(ranges.Reserved, 100, 1 << 16);
        Assert.Equal(100, ranges.Take().Count);
    }
}
