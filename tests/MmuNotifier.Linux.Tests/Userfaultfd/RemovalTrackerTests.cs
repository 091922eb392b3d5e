namespace MmuNotifier.Linux.Tests.Userfaultfd;

public class RemovalTrackerTests
{
    private static readonly RemovalLimits s_limits = new(Capacity: 3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    private readonly FakeTime _time = new();
    private readonly RemovalTracker<string> _removals;

    public RemovalTrackerTests() => _removals = new RemovalTracker<string>(s_limits, _time);

    [Fact]
    public void One_whose_caller_may_be_waiting_is_never_over()
    {
        _removals.Add(Pages(0, 1), "");
        _time.Advance(TimeSpan.FromDays(1));
        Assert.True(_removals.Overlaps(Pages(0, 1)));
        Assert.False(_removals.IsOver(0));
    }

    [Fact]
    public void The_time_counts_from_the_first_moment_at_which_the_caller_was_seen_to_have_resumed()
    {
        _removals.Add(Pages(0, 1), "");
        _time.Advance(TimeSpan.FromMinutes(1));
        _removals.MarkResumed(_removals.Newest);
        _time.Advance(s_limits.AfterResume);
        _removals.MarkResumed(_removals.Newest);
        Assert.True(_removals.Overlaps(Pages(0, 1)));
        _time.Advance(s_tick);
        Assert.False(_removals.Overlaps(Pages(0, 1)));
    }

    [Fact]
    public void One_that_was_read_after_the_question_does_not_count_as_resumed()
    {
        _removals.Add(Pages(0, 1), "");
        long newest = _removals.Newest;
        _removals.Add(Pages(5, 1), "");
        _removals.MarkResumed(newest);
        Assert.NotNull(_removals[0].ResumedAt);
        Assert.Null(_removals[1].ResumedAt);
    }

    [Fact]
    public void A_caller_that_is_seen_to_wait_makes_all_count_from_the_start()
    {
        _removals.Add(Pages(0, 1), "");
        _removals.MarkResumed(_removals.Newest);
        _time.Advance(s_limits.AfterResume + s_tick);
        _removals.MarkBlocked();
        Assert.False(_removals.IsOver(0));
        _removals.MarkResumed(_removals.Newest);
        _time.Advance(s_limits.AfterResume);
        Assert.False(_removals.IsOver(0));
        _time.Advance(s_tick);
        Assert.True(_removals.IsOver(0));
    }

    [Fact]
    public void What_it_is_waited_for_at_most_counts_from_the_event()
    {
        _removals.Add(Pages(0, 1), "");
        _time.Advance(s_limits.Most);
        _removals.MarkResumed(_removals.Newest);
        Assert.False(_removals.IsOverdue(0));
        _time.Advance(s_tick);
        Assert.True(_removals.IsOverdue(0));
    }

    [Fact]
    public void Only_what_the_range_contains_is_removed()
    {
        _removals.Add(Pages(0, 2), "first");
        _removals.Add(Pages(1, 3), "second");
        _removals.Add(Pages(2, 1), "third");
        _removals.RemoveWithin(Pages(0, 3));
        Assert.Equal(1, _removals.Count);
        Assert.Equal("second", _removals[0].State);
    }

    [Fact]
    public void What_is_over_goes_and_the_others_keep_their_order()
    {
        _removals.Add(Pages(0, 1), "over");
        _removals.MarkResumed(_removals.Newest);
        _time.Advance(s_limits.AfterResume + s_tick);
        _removals.Add(Pages(1, 1), "second");
        _removals.Add(Pages(2, 1), "third");
        _removals.RemoveOver();
        Assert.Equal(["second", "third"], [_removals[0].State, _removals[1].State]);
        Assert.False(_removals.IsFull);
    }

    [Fact]
    public void Where_there_is_no_room_all_become_one_as_young_as_the_new_one()
    {
        for (int i = 0; i < s_limits.Capacity; i++)
            _removals.Add(Pages((ulong)i * 10, 1), "");
        _removals.MarkResumed(_removals.Newest);
        _time.Advance(s_limits.AfterResume + s_tick);
        Assert.True(_removals.IsFull);
        _removals.Add(Pages(5, 1), "all");
        Assert.Equal((1, Pages(0, 21), "all"), (_removals.Count, _removals[0].Range, _removals[0].State));
        Assert.True(_removals.Overlaps(Pages(15, 1)));
        Assert.Equal(s_limits.Capacity + 1, _removals.Newest);
    }

    private static AddressRange Pages(ulong first, ulong count) => AddressRange.FromLength(first * 0x1000, count * 0x1000);
}
