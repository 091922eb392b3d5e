namespace MmuNotifier.Registration.Tests.Core;

public sealed class ReleaseQueueTests
{
    private readonly QueueBench _bench = new();
    private readonly ReleaseQueue<int> _queue;
    private readonly EntryNotifier<int> _first;
    private readonly EntryNotifier<int> _second;

    public ReleaseQueueTests()
    {
        _queue = new ReleaseQueue<int>(_bench.Lock, _bench.Looks);
        _first = QueueBench.NewEntry(0);
        _second = QueueBench.NewEntry(1);
    }

    [Fact]
    public void A_thread_takes_what_it_has_retired_and_nobody_holds()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _queue.Add(_first);
        EntryNotifier<int>? before = _queue.LastRetired;
        _queue.Add(_second);
        Assert.Equal([_second], _queue.TakeRetiredAfter(before));
        Assert.Null(_queue.TakeRetiredAfter(_queue.LastRetired));
        Assert.True(_queue.IsReleasing);
        Assert.True(_queue.HasWork);
    }

    [Fact]
    public void What_is_held_is_due_when_the_hold_has_ended()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _queue.Add(_first);
        Action end = _bench.Hold(_first);
        Assert.Null(_queue.TakeDue());
        Assert.False(_queue.IsReleasing);
        Assert.True(_queue.HasWork);
        end();
        Assert.Same(_first, _queue.TakeDue());
        Assert.True(_queue.IsReleasing);
        Assert.False(_queue.HasWork);
        _queue.EndRelease();
        Assert.False(_queue.IsReleasing);
    }

    [Fact]
    public void What_is_to_be_split_is_not_due_before_it_is_split()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _first.Split = SplitPhase.Due;
        _queue.Add(_first);
        Assert.True(_queue.HasToSplit);
        Assert.Null(_queue.TakeDue());
        Assert.Same(_first, _queue.TakeToSplit());
        Assert.False(_queue.HasToSplit);
        Assert.Null(_queue.TakeToSplit());
        Assert.Null(_queue.TakeDue());
        Assert.True(_queue.HasWork);
        _queue.EndSplit(_first);
        Assert.Same(_first, _queue.TakeDue());
    }
}
