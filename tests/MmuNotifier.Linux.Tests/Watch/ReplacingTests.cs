using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>Calls that put a mapping over watched memory without an event: only the record of the new mapping shows it.</summary>
[Collection(WatchGroup.Name)]
public sealed class ReplacingTests : IDisposable
{
    private const ulong Length = 4;
    private const int Shared = 1;
    private const int MoreThanRecorded = 3000;

    private readonly Watched _watched = new();

    public ReplacingTests() => _watched.RequireRecords();

    public void Dispose() => _watched.Dispose();

    [Fact]
    public void A_segment_attached_over_it_is_an_unmap()
    {
        ulong address = _watched.Map(Length);
        ExpectUnmap(address, Length, () => AttachSegment(Length, address));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void A_segment_attached_over_a_part_is_an_unmap_of_the_part()
    {
        ulong address = _watched.Map(Length);
        ExpectUnmap(address + Page, 2, () => AttachSegment(2, address + Page));
        Assert.Empty(_watched.ReportsOn(Pages(address, 1)));
        Assert.Empty(_watched.ReportsOn(Pages(address + (3 * Page), 1)));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void Other_pages_of_the_file_are_an_unmap()
    {
        using var file = new Memfd((int)(2 * Length));
        ulong address = MapPages(Length, flags: Shared, file: file.Descriptor);
        Touch(address, Length);
        _watched.Add(address, Length);
        ExpectUnmap(address, Length, () => Assert.Equal(0, RemapFilePages(address, Length * Page, 0, Length, 0)));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void A_mapping_where_a_segment_was_detached_is_an_unmap()
    {
        ulong address = AttachSegment(Length, MapPages(Length));
        Touch(address, Length);
        _watched.Add(address, Length);
        Assert.Equal(0, DetachSegment(address));
        ExpectUnmap(address, Length, () => MapPages(Length, flags: PrivateAnonymous | FixedNoReplace, address: address));
        Unmap(address, Length * Page);
    }

    [Fact]
    public void It_is_seen_too_when_records_were_lost()
    {
        ulong address = _watched.Map(Length);
        ExpectUnmap(address, Length, () =>
        {
            AttachSegment(Length, address);
            for (int i = 0; i < MoreThanRecorded; i++)
                Unmap(MapPages(1), Page);
        });
        Unmap(address, Length * Page);
    }

    [Fact]
    public void It_is_seen_too_when_another_userfaultfd_has_registered_the_new_mapping()
    {
        using UserfaultfdDescriptor other = OwnUserfaultfd.Asynchronous();
        ulong address = _watched.Map(Length);
        ExpectUnmap(address, Length, () =>
        {
            AttachSegment(Length, address);
            Assert.True(other.Register(address, address + (Length * Page) - 1).Succeeded);
        });
        other.Unregister(address, address + (Length * Page) - 1);
        Unmap(address, Length * Page);
    }

    [Fact]
    public void What_was_not_replaced_is_not_reported()
    {
        ulong address = _watched.Map(Length);
        Protect(address, Length * Page, 1);
        Protect(address, Length * Page, ReadWrite);
        Assert.DoesNotContain(_watched.ReportsOn(Pages(address, Length)), report => report.Event == InvalidationEvent.Unmap);
        Unmap(address, Length * Page);
    }

    private void ExpectUnmap(ulong address, ulong pages, Action replace)
    {
        ulong stamp = _watched.Watch.CatchUp();
        _watched.Clear();
        replace();
        Assert.NotEqual(stamp, _watched.Watch.Stamp);
        Assert.Contains((InvalidationEvent.Unmap, Pages(address, pages)), _watched.ReportsOn(Pages(address, pages)));
    }
}
