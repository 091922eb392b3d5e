namespace MmuNotifier.Processes.Tests.Memory;

public class PendingRemovalsTests
{
    private readonly PendingRemovals _removals = new();

    [Fact]
    public void A_page_may_be_dropped_until_a_touch_finds_it_missing()
    {
        _removals.Add(AddressRange.FromLength(0x10000, 0x3000));
        Assert.True(_removals.Overlap(AddressRange.FromLength(0x12000, 0x1000)));
        Assert.False(_removals.Overlap(AddressRange.FromLength(0x13000, 0x1000)));
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
}
