using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Tests.Sampling;

public class RoundCostTests
{
    [Theory]
    [InlineData(0, 50, 1)]
    [InlineData(10_000, 60, 1)]
    [InlineData(10_000, 60, 19)]
    [InlineData(2_000_000, 60, 1)]
    [InlineData(0, 60_000, 1)]
    public void Looks_come_so_seldom_that_they_hold_the_process_up_for_a_bounded_share_of_its_time(
        long written, int mappings, double microsecondsOfFirstWrite)
    {
        TimeSpan cost = new RoundCost(TimeSpan.FromMicroseconds(microsecondsOfFirstWrite)).OfLook(written, mappings);
        Assert.True(cost >= written * TimeSpan.FromMicroseconds(microsecondsOfFirstWrite));
        TimeSpan interval = RoundCost.NextInterval(TimeSpan.FromMilliseconds(250), cost);
        Assert.True(interval >= TimeSpan.FromMilliseconds(250));
        Assert.True(cost / interval <= RoundCost.MaxShare + 1e-9);
    }

    [Fact]
    public void Events_that_have_no_room_are_counted()
    {
        var queue = new EventQueue(2);
        for (int i = 0; i < 5; i++)
            queue.Add(new MemoryEvent(TimeSpan.Zero, MemoryEventKind.Dropped, AddressRange.Whole));
        Assert.Equal(2, queue.Take(out long lost).Count);
        Assert.Equal(3, lost);
        Assert.Empty(queue.Take(out lost));
        Assert.Equal(0, lost);
    }
}
