using MmuNotifier.Hmm;
using MmuNotifier.Linux.Taking;

namespace MmuNotifier.Linux.Tests.Taking;

public sealed class TakenPagesTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;

    private readonly DeviceMemory _memory = new(DeviceMemoryKind.Private, new object(), capacityPages: 8);
    private readonly TakenPages _pages = new();

    [Fact]
    public void A_resident_page_is_found_by_its_frame_until_it_is_removed()
    {
        TakenPage resident = Take(TakenState.Resident);
        _pages.Set(Page, resident);
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
        _pages.Set(Page, away);
        Assert.True(away.IsAway);
        Assert.False(_pages.TryFindResident(away.Frame, out _));
    }

    [Fact]
    public void Setting_a_page_again_replaces_it()
    {
        TakenPage first = Take(TakenState.Resident);
        _pages.Set(Page, first);
        _pages.Set(Page, TakenPage.Collected);
        Assert.False(_pages.TryFindResident(first.Frame, out _));
        Assert.True(_pages.TryFind(Page, out TakenPage now));
        Assert.Equal(TakenState.Collected, now.State);
        Assert.Equal(1, _pages.Count);
    }

    [Theory]
    [InlineData(2 * Page, (4 * Page) - 1, new[] { 2 * Page, 3 * Page })]
    [InlineData(0, ulong.MaxValue, new[] { Page, 2 * Page, 3 * Page, 4 * Page })]
    [InlineData(5 * Page, (9 * Page) - 1, new ulong[0])]
    public void Addresses_are_those_in_the_range_ascending(ulong start, ulong last, ulong[] expected)
    {
        foreach (ulong number in new ulong[] { 3, 1, 4, 2 })
            _pages.Set(number * Page, TakenPage.Collected);
        Assert.Equal(expected, _pages.AddressesIn(new AddressRange(start, last)));
    }

    [Fact]
    public void What_is_removed_is_returned_and_the_rest_stays()
    {
        TakenPage away = Take(TakenState.Exclusive);
        _pages.Set(Page, away);
        _pages.Set(2 * Page, TakenPage.Collected);
        Assert.Equal([away], _pages.RemoveAll(new AddressRange(0, (2 * Page) - 1)));
        Assert.Equal(1, _pages.Count);
    }

    [Fact]
    public void Pages_move_with_their_range_and_collected_ones_are_forgotten()
    {
        TakenPage away = Take(TakenState.Private);
        _pages.Set(Page, away);
        _pages.Set(2 * Page, TakenPage.Collected);
        _pages.Move(new AddressRange(Page, (3 * Page) - 1), 16 * Page);
        Assert.Equal([16 * Page], _pages.AddressesIn(AddressRange.Whole));
        Assert.True(_pages.TryFind(16 * Page, out TakenPage moved));
        Assert.Equal(away, moved);
    }

    public void Dispose() => _memory.Dispose();

    private TakenPage Take(TakenState state)
    {
        Assert.True(_memory.TryAllocate(out ulong frame));
        return new TakenPage(state, frame, _memory);
    }
}
