using MmuNotifier.Hmm;

namespace MmuNotifier.Processes.Tests.Memory;

public sealed class KnownMappingsTests
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private readonly KnownMappings _known = new();

    [Fact]
    public void What_lies_around_a_forgotten_range_stays_known()
    {
        KnownMapping whole = Known(0, 9, backing: MappingBacking.File);
        _known.Add(whole);
        _known.Forget(Pages(3, 4));
        Assert.Equal([Pages(0, 2), Pages(5, 9)], _known.In(AddressRange.Whole).ConvertAll(known => known.Mapping.Range));
        Assert.Equal([0UL, 5 * Page], _known.In(AddressRange.Whole).ConvertAll(known => known.Mapping.FileOffset));
        _known.Forget(AddressRange.Whole);
        Assert.Empty(_known.In(AddressRange.Whole));
    }

    [Fact]
    public void A_mapping_that_has_grown_replaces_its_part()
    {
        _known.Add(Known(2, 3));
        KnownMapping whole = Known(0, 9);
        _known.Add(whole);
        Assert.Equal([whole], _known.In(AddressRange.Whole));
    }

    [Fact]
    public void A_part_that_permitted_something_else_stays_until_it_was_compared()
    {
        KnownMapping part = Known(2, 3);
        KnownMapping whole = Known(0, 9, Protection.Read);
        _known.Add(part);
        _known.Add(whole);
        Assert.Equal([part, whole], _known.In(Pages(3, 3)));
        Assert.Equal([whole], _known.In(Pages(5, 5)));
        _known.Replace(part, []);
        Assert.Equal([whole], _known.In(AddressRange.Whole));
    }

    [Fact]
    public void The_unchanged_parts_replace_a_mapping_once()
    {
        KnownMapping whole = Known(0, 9);
        _known.Add(whole);
        _known.Replace(whole, [Pages(0, 3)]);
        _known.Replace(whole, [Pages(0, 3), Pages(4, 9)]);
        Assert.Equal([Known(0, 3)], _known.In(AddressRange.Whole));
    }

    [Fact]
    public void An_equal_one_that_was_added_meanwhile_stays()
    {
        KnownMapping compared = Known(0, 9);
        _known.Add(compared);
        _known.Forget(AddressRange.Whole);
        KnownMapping added = Known(0, 9);
        _known.Add(added);
        _known.Replace(compared, []);
        Assert.Same(added, Assert.Single(_known.In(AddressRange.Whole)));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void A_mapping_is_known_for_missing_pages_if_it_was_registered_so(bool hasMissing, bool needsMissing, bool expected)
    {
        KnownMapping known = Known(0, 9) with { WithMissing = hasMissing };
        _known.Add(known);
        Assert.Equal(expected, _known.Contains(known.Mapping, needsMissing));
        Assert.False(_known.Contains(known.Mapping with { Protection = Protection.Read }, needsMissing));
    }

    private static AddressRange Pages(ulong first, ulong last) => new(first * Page, ((last + 1) * Page) - 1);

    private static KnownMapping Known(
        ulong first, ulong last, Protection protection = ReadWrite, MappingBacking backing = MappingBacking.Anonymous) =>
        new(new Mapping { Range = Pages(first, last), Protection = protection, Backing = backing }, Descriptor: null, WithMissing: false);
}
