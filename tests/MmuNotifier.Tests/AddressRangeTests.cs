namespace MmuNotifier.Tests;

public unsafe class AddressRangeTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(10, 19, 10)]
    [InlineData(1, ulong.MaxValue, ulong.MaxValue)]
    public void Length_counts_both_bounds(ulong start, ulong last, ulong length) =>
        Assert.Equal(length, new AddressRange(start, last).Length);

    [Fact]
    public void Length_of_the_whole_space_does_not_fit() => Assert.Throws<OverflowException>(() => AddressRange.Whole.Length);

    [Theory]
    [InlineData(10, 19, 19, 30, 19, 19)]
    [InlineData(10, 19, 0, ulong.MaxValue, 10, 19)]
    public void Ranges_that_meet_have_an_intersection(
        ulong start, ulong last, ulong otherStart, ulong otherLast, ulong bothStart, ulong bothLast)
    {
        Assert.True(new AddressRange(start, last).TryIntersect(new AddressRange(otherStart, otherLast), out AddressRange both));
        Assert.Equal(new AddressRange(bothStart, bothLast), both);
    }

    [Fact]
    public void Neighbours_have_no_intersection()
    {
        Assert.False(new AddressRange(10, 19).TryIntersect(new AddressRange(20, 29), out AddressRange both));
        Assert.Equal(default, both);
    }

    [Fact]
    public void A_range_is_taken_apart_into_its_bounds()
    {
        (ulong start, ulong last) = new AddressRange(3, 7);
        Assert.Equal((3UL, 7UL), (start, last));
    }

    [Fact]
    public void A_span_gives_the_bytes_of_its_elements()
    {
        long* numbers = stackalloc long[4];
        Assert.Equal(AddressRange.FromLength((ulong)numbers, 32), AddressRange.FromSpan(new ReadOnlySpan<long>(numbers, 4)));
        Assert.Equal(AddressRange.FromLength((ulong)(numbers + 1), 16), AddressRange.FromPointer(numbers + 1, 16));
    }

    [Fact]
    public void An_empty_span_has_no_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRange.FromSpan<byte>([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRange.FromPointer(null, 0));
    }
}
