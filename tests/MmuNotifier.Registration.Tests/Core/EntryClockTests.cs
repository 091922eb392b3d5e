namespace MmuNotifier.Registration.Tests.Core;

public sealed class EntryClockTests
{
    private readonly QueueBench _bench = new();
    private readonly EntryClock<int> _clock;
    private readonly EntryNotifier<int>[] _entries;

    public EntryClockTests()
    {
        _clock = new EntryClock<int>(_bench.Lock, maxCount: 4, maxBytes: 0x10000);
        _entries = [.. Enumerable.Range(0, 3).Select(i => QueueBench.NewEntry((ulong)i))];
        using DriverLock.Scope held = _bench.Lock.Hold();
        Array.ForEach(_entries, _clock.Add);
    }

    [Fact]
    public void Entries_give_way_in_the_order_in_which_they_came_and_stay_until_they_are_removed()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _bench.Looks.Look();
        Assert.Equal([.. _entries, _entries[0]], Enumerable.Range(0, 4).Select(_ => _clock.MoveHand(_bench.Looks)));
        Assert.Equal(3, _clock.Count);
        Assert.Equal(3 * QueueBench.Page, _clock.Bytes);
    }

    [Fact]
    public void One_that_was_used_gives_way_the_second_time()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _bench.Looks.Look();
        _entries[0].Entry.WasUsed = true;
        Assert.Null(_clock.MoveHand(_bench.Looks));
        Assert.Same(_entries[1], _clock.MoveHand(_bench.Looks));
        Assert.Same(_entries[2], _clock.MoveHand(_bench.Looks));
        Assert.Same(_entries[0], _clock.MoveHand(_bench.Looks));
    }

    [Fact]
    public void One_that_is_held_does_not_give_way()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _bench.Hold(_entries[0]);
        _bench.Looks.Look();
        Assert.Null(_clock.MoveHand(_bench.Looks));
        Assert.Same(_entries[1], _clock.MoveHand(_bench.Looks));
    }

    [Fact]
    public void The_hand_leaves_an_entry_that_is_removed()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        _clock.Remove(_entries[0]);
        Assert.Equal([_entries[1], _entries[2]], _clock.ToList());
        _clock.Remove(_entries[2]);
        Assert.Same(_entries[1], _clock.Next);
        _clock.Remove(_entries[1]);
        Assert.Null(_clock.Next);
        Assert.Null(_clock.MoveHand(_bench.Looks));
        Assert.Equal(0, _clock.Bytes);
    }

    [Fact]
    public void What_is_reserved_takes_room_as_what_is_kept_does()
    {
        using DriverLock.Scope held = _bench.Lock.Hold();
        Assert.True(_clock.HasRoom(1, 0xd000));
        Assert.False(_clock.HasRoom(1, 0xd001));
        Assert.False(_clock.HasRoom(2, 0));
        _clock.Reserve(0xd000);
        Assert.False(_clock.HasRoom(1, 0));
        Assert.True(_clock.HasRoom(0, 0));
        _clock.Unreserve(0xd000);
        Assert.True(_clock.HasRoom(1, 0xd000));
    }
}
