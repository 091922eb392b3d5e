namespace MmuNotifier.Processes.Tests.Memory;

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
    public void Nothing_announced_is_done() => Assert.True(new ChangeQueue().WaitUntilDone(TimeSpan.Zero));

    [Fact]
    public void What_is_announced_is_waited_for_though_it_is_not_yet_in_the_queue()
    {
        var queue = new ChangeQueue();
        queue.Announce();
        Assert.False(queue.WaitUntilDone(TimeSpan.FromMilliseconds(1)));
        var finishing = new Thread(queue.MarkBatchDone);
        finishing.Start();
        Assert.True(queue.WaitUntilDone(Limit));
        finishing.Join();
    }

    [Fact]
    public void What_is_announced_later_is_not_waited_for()
    {
        var queue = new ChangeQueue();
        queue.Announce();
        queue.MarkBatchDone();
        Assert.True(queue.WaitUntilDone(TimeSpan.Zero));
        queue.Announce();
        Assert.False(queue.WaitUntilDone(TimeSpan.Zero));
    }

    [Fact]
    public void Closing_lets_everybody_go_and_gives_out_what_is_left()
    {
        var queue = new ChangeQueue();
        queue.Announce();
        queue.Add(new RemoteChange(RemoteChangeKind.BatchDone, AddressRange.Whole));
        queue.Close();
        Assert.True(queue.WaitUntilDone(Limit));
        Assert.True(queue.TryTake(out _));
        Assert.False(queue.TryTake(out _));
    }
}
