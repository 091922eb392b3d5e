using MmuNotifier.Processes.Remote;

namespace MmuNotifier.Processes.Tests.Remote;

public class ChangeQueueTests
{
    private static readonly TimeSpan Limit = Patience.Limit;

    [Fact]
    public void Changes_come_in_order()
    {
        var queue = new ChangeQueue();
        queue.Add(new RemoteChange(RemoteChangeKind.Touched, new AddressRange(1, 1)));
        queue.Add(new RemoteChange(RemoteChangeKind.Touched, new AddressRange(2, 2)));
        Assert.True(
            queue.TryTake(out RemoteChange first) && queue.TryTake(out RemoteChange second) && first.Range.Start < second.Range.Start);
    }

    [Fact]
    public void Nothing_announced_is_settled() => Assert.True(new ChangeQueue().WaitUntilSettled(TimeSpan.Zero));

    [Fact]
    public void What_is_announced_is_waited_for_though_it_is_not_yet_in_the_queue()
    {
        var queue = new ChangeQueue();
        queue.Announce();
        Assert.False(queue.WaitUntilSettled(TimeSpan.FromMilliseconds(1)));
        var settling = new Thread(queue.Settle);
        settling.Start();
        Assert.True(queue.WaitUntilSettled(Limit));
        settling.Join();
    }

    [Fact]
    public void What_is_announced_later_is_not_waited_for()
    {
        var queue = new ChangeQueue();
        queue.Announce();
        queue.Settle();
        Assert.True(queue.WaitUntilSettled(TimeSpan.Zero));
        queue.Announce();
        Assert.False(queue.WaitUntilSettled(TimeSpan.Zero));
    }

    [Fact]
    public void Closing_lets_everybody_go_and_gives_out_what_is_left()
    {
        var queue = new ChangeQueue();
        queue.Announce();
        queue.Add(new RemoteChange(RemoteChangeKind.Settled, AddressRange.Whole));
        queue.Close();
        Assert.True(queue.WaitUntilSettled(Limit));
        Assert.True(queue.TryTake(out _));
        Assert.False(queue.TryTake(out _));
    }
}
