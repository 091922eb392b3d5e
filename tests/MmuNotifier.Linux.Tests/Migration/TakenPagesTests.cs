using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Migration;

public sealed class TakenPagesTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;

    private readonly DeviceMemory _memory = new(DeviceMemoryKind.Private, new object(), capacityPages: 8);
    private readonly TakenPages _pages = new();

    public TakenPagesTests() => _pages.Lock.Enter();

    [Fact]
    public void A_resident_page_is_found_by_its_frame_until_it_is_removed()
    {
        TakenPage resident = Take(TakenState.Resident);
        _pages.Put(Page, resident);
        Assert.True(_pages.TryFindResident(resident.Frame, out ulong address));
        Assert.Equal(Page, address);
        Assert.True(_pages.Remove(Page, out TakenPage removed));
        Assert.Equal(resident, removed);
        Assert.False(_pages.TryFindResident(resident.Frame, out _));
        Assert.False(_pages.Remove(Page, out _));
    }

    [Fact]
    public void A_page_that_is_away_is_not_found_by_its_frame()
    {
        TakenPage away = Take(TakenState.Private);
        _pages.Put(Page, away);
        Assert.True(away.IsAway);
        Assert.False(_pages.TryFindResident(away.Frame, out _));
    }

    [Fact]
    public void A_collected_page_gets_a_frame_once()
    {
        _pages.Collect(Page);
        TakenPage first = Take(TakenState.Private);
        _pages.Put(Page, first);
        Assert.Throws<InvalidOperationException>(() => _pages.Put(Page, Take(TakenState.Private)));
        Assert.Throws<InvalidOperationException>(() => _pages.Collect(Page));
        Assert.True(_pages.TryFind(Page, out TakenPage now));
        Assert.Equal(first, now);
        Assert.Equal(1, _pages.Count);
    }

    [Fact]
    public void A_page_on_its_way_is_migrating_and_away_only_when_it_has_left()
    {
        TakenPage leaving = Take(TakenState.Private) with { Transit = PageTransit.Leaving };
        _pages.Put(Page, leaving);
        Assert.Equal((true, false), (leaving.IsMigrating, leaving.IsAway));
        _pages.SetTransit(Page, PageTransit.None);
        Assert.True(_pages.TryFind(Page, out TakenPage now));
        Assert.Equal((false, true), (now.IsMigrating, now.IsAway));
        _pages.SetTransit(Page, PageTransit.Returning);
        Assert.True(_pages.TryFind(Page, out now));
        Assert.Equal((true, true), (now.IsMigrating, now.IsAway));
    }

    [Theory]
    [InlineData(2 * Page, (4 * Page) - 1, new[] { 2 * Page, 3 * Page })]
    [InlineData((2 * Page) + 1, 3 * Page, new[] { 2 * Page, 3 * Page })]
    [InlineData(0, ulong.MaxValue, new[] { Page, 2 * Page, 3 * Page, 4 * Page })]
    [InlineData(ulong.MaxValue - 1, ulong.MaxValue, new ulong[0])]
    [InlineData(5 * Page, (9 * Page) - 1, new ulong[0])]
    public void Addresses_are_those_in_the_range_ascending(ulong start, ulong last, ulong[] expected)
    {
        foreach (ulong number in new ulong[] { 3, 1, 4, 2 })
            _pages.Collect(number * Page);
        Assert.Equal(expected, _pages.AddressesIn(new AddressRange(start, last)));
    }

    [Fact]
    public void What_is_removed_is_returned_and_the_rest_stays()
    {
        TakenPage away = Take(TakenState.Exclusive);
        _pages.Put(Page, away);
        _pages.Collect(2 * Page);
        Assert.Equal([away], _pages.RemoveAll(new AddressRange(0, (2 * Page) - 1)));
        Assert.Equal(1, _pages.Count);
    }

    [Fact]
    public void Pages_move_with_their_range_and_collected_ones_are_forgotten()
    {
        TakenPage away = Take(TakenState.Private);
        _pages.Put(Page, away);
        _pages.Collect(2 * Page);
        Assert.Empty(_pages.Move(new AddressRange(Page, (3 * Page) - 1), 16 * Page));
        Assert.Equal([16 * Page], _pages.AddressesIn(AddressRange.Whole));
        Assert.True(_pages.TryFind(16 * Page, out TakenPage moved));
        Assert.Equal(away, moved);
    }

    [Fact]
    public void A_leaving_page_is_found_by_its_frame_wherever_it_has_moved()
    {
        TakenPage leaving = Take(TakenState.Private) with { Transit = PageTransit.Leaving };
        _pages.Put(Page, leaving);
        Assert.Empty(_pages.Move(new AddressRange(Page, (2 * Page) - 1), 16 * Page));
        Assert.True(_pages.TryFindLeaving(leaving.Frame, out ulong address));
        Assert.Equal(16 * Page, address);
        Assert.True(_pages.TryFind(address, out TakenPage moved));
        Assert.Equal(leaving, moved);
        _pages.SetTransit(address, PageTransit.None);
        Assert.False(_pages.TryFindLeaving(leaving.Frame, out _));
    }

    /// <remarks>The migration that brings it back looks at the old place. Marked for ever, no device could use it again.</remarks>
    [Fact]
    public void A_returning_page_that_moves_stays_with_the_device()
    {
        TakenPage returning = Take(TakenState.Private) with { Transit = PageTransit.Returning };
        _pages.Put(Page, returning);
        Assert.Empty(_pages.Move(new AddressRange(Page, (2 * Page) - 1), 16 * Page));
        Assert.True(_pages.TryFind(16 * Page, out TakenPage moved));
        Assert.Equal(returning with { Transit = PageTransit.None }, moved);
    }

    [Fact]
    public void A_leaving_page_that_is_removed_is_not_found_by_its_frame()
    {
        TakenPage leaving = Take(TakenState.Private) with { Transit = PageTransit.Leaving };
        _pages.Put(Page, leaving);
        Assert.Equal([leaving], _pages.RemoveAll(AddressRange.Whole));
        Assert.False(_pages.TryFindLeaving(leaving.Frame, out _));
    }

    [Fact]
    public void What_a_moved_page_replaces_is_returned()
    {
        TakenPage below = Take(TakenState.Private);
        TakenPage above = Take(TakenState.Private);
        _pages.Put(Page, below);
        _pages.Put(2 * Page, above);
        Assert.Equal([above], _pages.Move(new AddressRange(Page, (2 * Page) - 1), 2 * Page));
        Assert.True(_pages.TryFind(2 * Page, out TakenPage now));
        Assert.Equal(below, now);
    }

    public void Dispose() => _memory.Dispose();

    private TakenPage Take(TakenState state)
    {
        Assert.True(_memory.TryAllocate(out ulong frame));
        return new TakenPage(state, frame, _memory);
    }
}
