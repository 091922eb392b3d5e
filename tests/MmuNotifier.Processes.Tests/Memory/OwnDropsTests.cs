namespace MmuNotifier.Processes.Tests.Memory;

public class OwnDropsTests
{
    private readonly OwnDrops _drops = new();

    [Fact]
    public void The_first_event_of_each_part_is_not_news_the_second_is()
    {
        _drops.Expect(Pages(10, 10));
        Assert.Empty(_drops.TakeNews(Pages(10, 4)));
        Assert.Empty(_drops.TakeNews(Pages(14, 6)));
        Assert.Equal([Pages(12, 2)], _drops.TakeNews(Pages(12, 2)));
    }

    [Fact]
    public void Another_drop_of_a_part_that_comes_first_is_news_by_the_end()
    {
        _drops.Expect(Pages(10, 10));
        Assert.Empty(_drops.TakeNews(Pages(13, 1)));
        Assert.Equal([Pages(13, 1)], _drops.TakeNews(Pages(10, 10)));
    }

    [Fact]
    public void What_lies_around_is_news()
    {
        _drops.Expect(Pages(10, 2));
        Assert.Equal([Pages(8, 2), Pages(12, 3)], _drops.TakeNews(Pages(8, 7)));
    }

    [Fact]
    public void What_is_answered_is_expected_no_more()
    {
        _drops.Expect(Pages(10, 2));
        _drops.End(Pages(10, 2));
        Assert.Equal([Pages(10, 2)], _drops.TakeNews(Pages(10, 2)));
    }

    private static AddressRange Pages(ulong first, ulong count) => AddressRange.FromLength(first * 4096, count * 4096);
}
