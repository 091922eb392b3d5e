using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>Each call that changes memory is reported with its range, and has moved the stamp when it returns.</summary>
[Collection(WatchGroup.Name)]
public sealed class CallClassTests : IDisposable
{
    private const ulong Length = 8;
    private readonly Watched _watched = new();

    public void Dispose() => _watched.Dispose();

    [Fact]
    public void Munmap_is_an_unmap()
    {
        ulong address = _watched.Map(Length);
        ExpectOne(address, Length, InvalidationEvent.Unmap, () => Unmap(address, Length * Page));
    }

    [Fact]
    public void A_hole_is_an_unmap_of_the_hole_alone()
    {
        ulong address = _watched.Map(Length);
        ExpectOne(address + (3 * Page), 1, InvalidationEvent.Unmap, () => Unmap(address + (3 * Page), Page));
        Assert.Empty(_watched.ReportsOn(Pages(address, 3)));
        Assert.Empty(_watched.ReportsOn(Pages(address + (4 * Page), Length - 4)));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void Mapping_over_is_an_unmap()
    {
        ulong address = _watched.Map(Length);
        ExpectOne(address + Page, 2, InvalidationEvent.Unmap, () =>
        {
            MapPages(2, flags: PrivateAnonymous | Fixed, address: address + Page);
            return 0;
        });
        Unmap(address, Length * Page);
    }

    [Fact]
    public void Mremap_elsewhere_is_an_unmap_of_the_old_place_and_of_what_was_at_the_new_one()
    {
        ulong from = _watched.Map(Length);
        ulong to = _watched.Map(Length);
        ulong stamp = _watched.Watch.CatchUp();
        Assert.Equal((nint)to, Remap(from, Length * Page, Length * Page, 3, to));
        Assert.NotEqual(stamp, _watched.Watch.Stamp);
        _watched.Watch.CatchUp();
        Assert.True(_watched.IsReported(Pages(from, Length)));
        Assert.True(_watched.IsReported(Pages(to, Length)));
        Unmap(to, Length * Page);
    }

    [Fact]
    public void Mremap_that_duplicates_shared_memory_changes_only_the_new_place()
    {
        const int sharedAnonymous = 0x21;
        ulong shared = MapPages(Length, flags: sharedAnonymous);
        Touch(shared, Length);
        _watched.Add(shared, Length);
        ulong over = _watched.Map(Length);
        Assert.Equal((nint)over, Remap(shared, 0, Length * Page, 3, over));
        Assert.Empty(_watched.ReportsOn(Pages(shared, Length)));
        Assert.True(_watched.IsReported(Pages(over, Length)));
        // Both places are still watched.
        _watched.Clear();
        Unmap(over, Length * Page);
        Unmap(shared, Length * Page);
        Assert.NotEmpty(_watched.ReportsOn(Pages(over, Length)));
        Assert.NotEmpty(_watched.ReportsOn(Pages(shared, Length)));
    }

    [Fact]
    public void Mremap_that_shrinks_is_an_unmap_of_the_end()
    {
        ulong address = _watched.Map(Length);
        ExpectOne(
            address + (2 * Page), Length - 2, InvalidationEvent.Unmap, () => (int)(Remap(address, Length * Page, 2 * Page, 0, 0) >> 63));
        Unmap(address, 2 * Page);
    }

    [Fact]
    public void Mremap_that_leaves_the_old_mapping_is_an_unmap_of_it()
    {
        ulong address = _watched.Map(Length);
        nint moved = 0;
        const int mayMoveAndLeave = 5;
        ExpectOne(address, Length, InvalidationEvent.Unmap, () =>
        {
            moved = Remap(address, Length * Page, Length * Page, mayMoveAndLeave, 0);
            return moved == -1 ? -1 : 0;
        });
        Unmap(address, Length * Page);
        Unmap((ulong)moved, Length * Page);
    }

    [Theory]
    [InlineData(DontNeed)]
    [InlineData(Free)]
    public void Advice_that_drops_pages_is_a_clear(int advice)
    {
        ulong address = _watched.Map(Length);
        ExpectOne(address + Page, 2, InvalidationEvent.Clear, () => Advise(address + Page, 2 * Page, advice));
        Assert.True(_watched.Watch.IsChanging(Pages(address + Page, 1)));
        Assert.False(_watched.Watch.IsChanging(Pages(address + (4 * Page), 1)));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void Removal_from_shared_memory_is_a_clear()
    {
        using var file = new Memfd((int)Length);
        ulong address = MapPages(Length, flags: 1, file: file.Descriptor);
        Touch(address, Length);
        _watched.Add(address, Length);
        ExpectOne(address, 2, InvalidationEvent.Clear, () => Advise(address, 2 * Page, Remove));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void Mprotect_is_a_change_of_protection_of_what_it_covers()
    {
        _watched.RequireRecords();
        ulong address = _watched.Map(Length);
        ExpectOne(address + Page, 2, InvalidationEvent.ProtectionVma, () => Protect(address + Page, 2 * Page, 1));
        _watched.Clear();
        ExpectOne(address + Page, 2, InvalidationEvent.ProtectionVma, () => Protect(address + Page, 2 * Page, ReadWrite), allowsMore: true);
        Unmap(address, Length * Page);
    }

    [Fact]
    public void Memory_of_others_is_not_reported()
    {
        ulong address = _watched.Map(Length);
        ulong other = MapPages(Length + 5, protection: 1);
        Protect(other, Page, ReadWrite);
        Unmap(other, (Length + 5) * Page);
        Assert.Empty(_watched.ReportsOn(Pages(address, Length)));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void A_new_mapping_moves_the_stamp_whichever_thread_makes_it()
    {
        _watched.RequireRecords();
        int unmoved = 0;
        var thread = new Thread(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                ulong stamp = _watched.Watch.Stamp;
                ulong address = MapPages(1);
                unmoved += stamp == _watched.Watch.Stamp ? 1 : 0;
                Unmap(address, Page);
            }
        });
        thread.Start();
        thread.Join();
        Assert.Equal(0, unmoved);
    }

    private void ExpectOne(ulong address, ulong pages, InvalidationEvent expected, Func<int> call, bool allowsMore = false)
    {
        ulong stamp = _watched.Watch.CatchUp();
        Assert.Equal(0, call());
        Assert.NotEqual(stamp, _watched.Watch.Stamp);
        List<(InvalidationEvent Event, AddressRange Range)> reports = _watched.ReportsOn(Pages(address, pages));
        Assert.All(reports, report => Assert.Equal(expected, report.Event));
        if (allowsMore)
            Assert.NotEmpty(reports);
        else
            Assert.All(reports, report => Assert.Equal(Pages(address, pages), report.Range));
        Assert.NotEmpty(reports);
    }
}
