
namespace MmuNotifier.Processes.Tests.Cores;

public class PageBitsTests
{
    private const ulong Page = 4096;
    private const int Pages = 300_000; // Several chunks.

    [Fact]
    public void It_agrees_with_a_plain_array()
    {
        var random = new Random(15);
        var bits = new PageBits();
        bool[] plain = new bool[Pages];
        for (int step = 0; step < 2_000; step++)
        {
            int first = random.Next(Pages);
            int last = Math.Min(Pages - 1, first + (random.Next(8) == 0 ? random.Next(Pages) : random.Next(200)));
            bool isSet = random.Next(2) == 0;
            plain.AsSpan(first, last - first + 1).Fill(isSet);
            if (isSet)
                bits.Set(Range(first, last));
            else
                bits.Clear(Range(first, last));

            int from = random.Next(Pages);
            int to = Math.Min(Pages - 1, from + random.Next(100_000));
            bool value = random.Next(2) == 0;
            int found = Array.IndexOf(plain, value, from, to - from + 1);
            Assert.Equal(found >= 0, bits.TryFind(Range(from, to), value, out AddressRange run));
            if (found < 0)
                continue;
            int end = Array.IndexOf(plain, !value, found, to - found + 1);
            Assert.Equal(Range(found, end < 0 ? to : end - 1), run);
        }

        Assert.Equal(plain.Count(bit => bit), bits.FindAll(Range(0, Pages - 1)).Sum(run => (long)(run.Length / Page)));
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(plain[i], bits[(ulong)i * Page]));
    }

    [Fact]
    public void Memory_is_used_for_parts_that_have_bits()
    {
        var bits = new PageBits();
        bits.Clear(AddressRange.Whole);
        Assert.Equal(0, bits.ReservedBytes);
        bits.Set(AddressRange.FromLength(1UL << 46, Page));
        bits.Set(AddressRange.FromLength(0, Page));
        Assert.Equal(8192, bits.ReservedBytes);
        bits.Clear(AddressRange.Whole);
        Assert.False(bits[1UL << 46]);
        Assert.False(bits.TryFind(new AddressRange(0, (1UL << 47) - 1), true, out _));
    }

    private static AddressRange Range(int first, int last) => new((ulong)first * Page, ((ulong)last * Page) + Page - 1);
}
