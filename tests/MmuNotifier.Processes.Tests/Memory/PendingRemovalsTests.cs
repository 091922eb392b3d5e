using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Memory;

public class PendingRemovalsTests
{
    private static readonly TimeSpan s_limit = RemovalLimits.OfRemoteMoves.AfterResume + TimeSpan.FromTicks(1);

    private readonly FakeTime _time = new();
    private readonly PendingRemovals _removals;

    public PendingRemovalsTests() => _removals = new PendingRemovals(_time);

    [Fact]
    public void A_page_may_be_dropped_until_a_touch_finds_it_missing()
    {
        _removals.Add(AddressRange.FromLength(0x10000, 0x3000));
        Assert.True(_removals.Overlaps(AddressRange.FromLength(0x12000, 0x1000)));
        Assert.False(_removals.Overlaps(AddressRange.FromLength(0x13000, 0x1000)));
        _removals.NoteMissing(0x11000);
        Assert.Equal((true, false), (_removals.MayDrop(0x10000), _removals.MayDrop(0x11000)));
    }

    [Fact]
    public void A_second_removal_may_drop_it_again()
    {
        _removals.Add(AddressRange.FromLength(0x10000, 0x1000));
        _removals.NoteMissing(0x10000);
        long first = _removals.Newest;
        _removals.Add(AddressRange.FromLength(0x10000, 0x1000));
        Assert.True(_removals.MayDrop(0x10000));
        Assert.True(_removals.MayDrop(0x10000, after: first));
        Assert.False(_removals.MayDrop(0x10000, after: _removals.Newest));
    }

    [Fact]
    public void Where_nothing_shows_that_it_is_over_it_is_waited_for_from_its_event_on()
    {
        AddressRange page = AddressRange.FromLength(0x10000, 0x1000);
        _removals.Add(page);
        Assert.True(_removals.Overlaps(page));
        _time.Advance(s_limit);
        Assert.False(_removals.Overlaps(page));
        Assert.False(_removals.MayDrop(0x10000));
    }

    [Fact]
    public void A_caller_that_is_blocked_is_waited_for_however_long_it_takes()
    {
        AddressRange page = AddressRange.FromLength(0x10000, 0x1000);
        _removals.Add(page);
        _time.Advance(s_limit);
        _removals.MarkBlocked();
        Assert.True(_removals.Overlaps(page));
        _time.Advance(s_limit);
        Assert.True(_removals.Overlaps(page));
        _removals.MarkResumed(_removals.Newest);
        Assert.True(_removals.Overlaps(page));
        _time.Advance(s_limit);
        Assert.False(_removals.Overlaps(page));
    }
}
