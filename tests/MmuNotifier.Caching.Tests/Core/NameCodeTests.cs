namespace MmuNotifier.Caching.Tests.Core;

public sealed class NameCodeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(63)]
    public void Children_never_meet_and_the_first_address_is_nobodys(int bits)
    {
        ulong end = 0;
        var ranges = new List<AddressRange>();
        for (uint number = 1; number < 5000; number++)
        {
            if (NameCode.TryPlace(number, bits, out ulong offset, out int childBits))
                ranges.Add(new AddressRange(offset, offset + ((1UL << childBits) - 1)));
            else
                Assert.Equal((0UL, 0), (offset, childBits));
        }

        foreach (AddressRange range in ranges.OrderBy(each => each.Start))
        {
            Assert.True(range.Start > end || (end == 0 && range.Start > 0));
            end = range.Last;
        }

        Assert.True(bits == 64 || end < 1UL << bits);
    }

    [Fact]
    public void The_largest_number_has_a_code()
    {
        Assert.True(NameCode.TryPlace(uint.MaxValue, 63, out ulong offset, out int bits));
        Assert.InRange(offset, 1UL, (ulong)long.MaxValue);
        Assert.Equal(63 - 31 - 10 - 1, bits);
    }
}
