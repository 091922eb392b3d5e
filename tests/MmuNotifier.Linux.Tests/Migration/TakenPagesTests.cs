using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Migration;

public sealed class TakenPagesTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;

    private const ulong Block = 4 * HugePage.Bytes;
    private const int Capacity = 2 * HugePage.Pages;

    private readonly DeviceMemory _memory = new(DeviceMemoryKind.Private, new object(), Capacity);
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

    [Fact]
    public void A_huge_page_is_one_entry_and_each_of_its_pages_is_found()
    {
        ulong first = PutBlock(TakenState.Private);
        Assert.Equal((HugePage.Pages, 1), (_pages.Count, _pages.EntriesIn(AddressRange.Whole).Count));
        Assert.True(_pages.TryFind(Block + (7 * Page), out TakenPage page));
        Assert.Equal((first + 7, HugePage.Order), (page.Frame, page.Order));
        Assert.Equal(HugePage.Pages, _pages.AddressesIn(AddressRange.Whole).Count);
        Assert.Equal([Block + Page, Block + (2 * Page)], _pages.AddressesIn(AddressRange.FromLength(Block + Page, 2 * Page)));
        Assert.False(_pages.TryFind(Block + HugePage.Bytes, out _));
    }

    [Fact]
    public void What_is_done_to_one_page_of_a_huge_page_splits_it()
    {
        ulong first = PutBlock(TakenState.Private);
        Assert.True(_pages.Remove(Block + Page, out TakenPage removed));
        Assert.Equal((first + 1, (byte)0), (removed.Frame, removed.Order));
        Assert.False(_pages.TryFindBlock(Block, out _));
        Assert.Equal(HugePage.Pages - 1, _pages.Count);
        Assert.True(_pages.TryFind(Block, out TakenPage left));
        Assert.Equal((first, (byte)0), (left.Frame, left.Order));
        _pages.SetTransit(Block, PageTransit.Returning);
        Assert.True(_pages.TryFind(Block, out left) && left.Transit == PageTransit.Returning);
    }

    [Fact]
    public void A_huge_page_that_leaves_or_is_resident_is_found_by_each_of_its_frames()
    {
        ulong first = PutBlock(TakenState.Private, PageTransit.Leaving);
        Assert.True(_pages.TryFindLeaving(first + 9, out ulong address));
        Assert.Equal(Block + (9 * Page), address);
        _pages.SetBlockTransit(Block, PageTransit.None);
        Assert.False(_pages.TryFindLeaving(first + 9, out _));
        Assert.True(_pages.RemoveBlock(Block, out TakenPage entry));
        _pages.PutBlock(Block, entry with { State = TakenState.Resident });
        Assert.True(_pages.TryFindResident(first + 511, out address));
        Assert.Equal(Block + (511 * Page), address);
    }

    [Fact]
    public void A_block_is_collected_as_a_whole_only_if_none_of_its_pages_is_recorded()
    {
        _pages.Collect(Block + (3 * Page));
        Assert.False(_pages.TryCollectBlock(Block));
        Assert.True(_pages.Remove(Block + (3 * Page), out _));
        Assert.True(_pages.TryCollectBlock(Block));
        Assert.False(_pages.TryCollectBlock(Block));
        _pages.RemoveCollected(AddressRange.Whole);
        Assert.Equal(0, _pages.Count);
    }

    [Theory]
    [InlineData(8 * 512, true)]
    [InlineData((8 * 512) + 1, false)]
    public void A_huge_page_moves_as_a_whole_to_where_a_huge_page_can_be(ulong to, bool isWhole)
    {
        ulong first = PutBlock(TakenState.Private);
        Assert.Empty(_pages.Move(HugePage.RangeOf(Block), to * Page));
        Assert.Equal(isWhole, _pages.TryFindBlock(to * Page, out _));
        Assert.Equal(HugePage.Pages, _pages.Count);
        Assert.True(_pages.TryFind((to + 5) * Page, out TakenPage page));
        Assert.Equal(first + 5, page.Frame);
    }

    [Fact]
    public void Part_of_a_huge_page_is_removed_and_the_rest_stays()
    {
        ulong first = PutBlock(TakenState.Private);
        List<TakenPage> removed = _pages.RemoveAll(AddressRange.FromLength(Block, 2 * Page));
        Assert.Equal([first, first + 1], removed.ConvertAll(page => page.Frame));
        removed.ForEach(page => page.Free());
        Assert.Equal(HugePage.Pages - 2, _pages.Count);
        _pages.RemoveAll(AddressRange.Whole).ForEach(page => page.Free());
        Assert.Equal(Capacity, _memory.FreePages);
    }

    [Fact]
    public void A_huge_page_that_is_removed_frees_all_its_frames()
    {
        PutBlock(TakenState.Private);
        TakenPage removed = Assert.Single(_pages.RemoveAll(AddressRange.Whole));
        removed.Free();
        Assert.Equal(Capacity, _memory.FreePages);
    }

    [Theory]
    [InlineData((int)TakenState.Private)]
    [InlineData((int)TakenState.Resident)]
    public void Pages_of_which_the_frames_follow_each_other_are_joined_when_a_device_has_all(int taken)
    {
        var state = (TakenState)taken;
        Assert.True(_memory.TryAllocateBlock(HugePage.Order, out ulong first));
        for (ulong i = 0; i < HugePage.Pages - 1; i++)
            _pages.Put(Block + (i * Page), new TakenPage(state, first + i, _memory));
        _pages.JoinBlock(Block);
        Assert.False(_pages.TryFindBlock(Block, out _));
        _pages.Put(Block + (511 * Page), new TakenPage(state, first + 511, _memory));
        _pages.JoinBlock(Block);
        Assert.True(_pages.TryFindBlock(Block, out _));
        Assert.Equal(HugePage.Pages, _pages.Count);
        Assert.Equal(state == TakenState.Resident, _pages.TryFindResident(first + 5, out _));
        Assert.True(_pages.RemoveBlock(Block, out _));
        Assert.False(_pages.TryFindResident(first + 5, out _));
    }

    [Fact]
    public void A_migration_brings_a_huge_page_back_as_a_whole_and_part_of_it_by_pages()
    {
        ulong first = PutBlock(TakenState.Private);
        var pages = new MigratePage[HugePage.Pages];
        for (int i = 0; i < pages.Length; i++)
            pages[i].Address = Block + ((ulong)i * Page);
        _pages.CollectForReturn(MigrateSelect.DevicePrivate, _memory.Owner, pages);
        Assert.Equal((HugePage.Order, first + 3), (pages[0].Order, pages[3].SourceFrame));
        Assert.All(pages, page => Assert.True(page.CanMove));
        Assert.True(_pages.TryFindBlock(Block, out TakenPage entry) && entry.IsMigrating);
        _pages.EndReturn(AddressRange.Whole);
        Assert.True(_pages.TryFindBlock(Block, out entry) && !entry.IsMigrating);
        MigratePage[] part = [new() { Address = Block + Page }, new() { Address = Block + (2 * Page) }];
        _pages.CollectForReturn(MigrateSelect.DevicePrivate, _memory.Owner, part);
        Assert.Equal((first + 1, (byte)0), (part[0].SourceFrame, part[0].Order));
        Assert.False(_pages.TryFindBlock(Block, out _));
    }

    public void Dispose() => _memory.Dispose();

    private ulong PutBlock(TakenState state, PageTransit transit = PageTransit.None)
    {
        Assert.True(_memory.TryAllocateBlock(HugePage.Order, out ulong first));
        _pages.PutBlock(Block, new TakenPage(state, first, _memory, transit));
        return first;
    }

    private TakenPage Take(TakenState state)
    {
        Assert.True(_memory.TryAllocate(out ulong frame));
        return new TakenPage(state, frame, _memory);
    }
}
