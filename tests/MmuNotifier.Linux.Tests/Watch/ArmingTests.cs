using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>What is seen by protecting pages.</summary>
[Collection(WatchGroup.Name)]
public sealed class ArmingTests : IDisposable
{
    private const ulong Length = 8;
    private readonly Watched _watched = new();
    private readonly ulong _address;
    private readonly AddressRange _range;

    public ArmingTests()
    {
        _address = _watched.Map(Length);
        _range = Pages(_address, Length);
    }

    public void Dispose()
    {
        Unmap(_address, Length * Page);
        _watched.Dispose();
    }

    [Fact]
    public void Untouched_pages_stay_intact()
    {
        Assert.False(_watched.Watch.IsIntact(_range));
        _watched.Watch.Arm(_range);
        Assert.True(_watched.Watch.IsIntact(_range));
        Assert.True(_watched.Watch.IsIntact(_range));
    }

    [Fact]
    public void A_write_is_seen_until_it_is_armed_anew()
    {
        _watched.Watch.Arm(_range);
        Touch(_address + (2 * Page), 1);
        Assert.False(_watched.Watch.IsIntact(_range));
        _watched.Watch.Arm(_range);
        Assert.True(_watched.Watch.IsIntact(_range));
    }

    [Fact]
    public void Guard_pages_come_without_event_and_are_seen()
    {
        const int installGuards = 102;
        _watched.Watch.Arm(_range);
        Assert.SkipUnless(Advise(_address + Page, Page, installGuards) == 0, "no MADV_GUARD_INSTALL");
        Assert.Empty(_watched.ReportsOn(_range));
        Assert.False(_watched.Watch.IsIntact(_range));
    }

    [Fact]
    public void Arming_what_overlaps_does_not_hide_a_write()
    {
        AddressRange left = Pages(_address, 4);
        AddressRange right = Pages(_address + (2 * Page), 4);
        _watched.Watch.TryWatch(left);
        _watched.Watch.TryWatch(right);
        _watched.Watch.Arm(left);
        Touch(_address + (2 * Page), 1);
        _watched.Watch.Arm(right);
        Assert.False(_watched.Watch.IsIntact(left));
        Assert.True(_watched.Watch.IsIntact(right));
    }

    [Fact]
    public void A_removal_is_under_way_until_no_old_page_is_left()
    {
        Advise(_address, Length * Page, DontNeed);
        Assert.True(_watched.Watch.IsChanging(_range));
        Touch(_address, Length);
        Assert.True(SpinWait.SpinUntil(() => !_watched.Watch.IsChanging(_range), Patience.Limit));
        _watched.Watch.Arm(_range);
        Assert.True(_watched.Watch.IsIntact(_range));
    }

    [Fact]
    public void Pages_that_are_free_to_go_are_waited_for_only_so_long()
    {
        Advise(_address, Length * Page, Free);
        Assert.True(_watched.Watch.IsChanging(_range));
        Assert.True(SpinWait.SpinUntil(() => !_watched.Watch.IsChanging(_range), Patience.Limit));
    }
}
