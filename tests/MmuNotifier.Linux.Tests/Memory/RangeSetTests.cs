namespace MmuNotifier.Linux.Tests.Memory;

public class RangeSetTests
{
    private const int Addresses = 64;

    [Fact]
    public void It_agrees_with_a_plain_array()
    {
        var random = new Random(15);
        var set = new RangeSet();
        bool[] plain = new bool[Addresses];
        for (int step = 0; step < 5_000; step++)
        {
            AddressRange changed = Random(random);
            bool isAdded = random.Next(3) > 0;
            if (isAdded)
                set.Add(changed);
            else
                set.Remove(changed);
            plain.AsSpan((int)changed.Start, (int)changed.Length).Fill(isAdded);

            AddressRange asked = Random(random);
            bool[] within = plain[(int)asked.Start..((int)asked.Last + 1)];
            Assert.Equal(within.Contains(true), set.Overlaps(asked));
            Assert.Equal(!within.Contains(false), set.Covers(asked));
            bool[] parts = new bool[Addresses];
            foreach (AddressRange part in set.Intersect(asked))
            {
                Assert.True(asked.Contains(part));
                parts.AsSpan((int)part.Start, (int)part.Length).Fill(true);
            }

            Assert.Equal(within, parts[(int)asked.Start..((int)asked.Last + 1)]);
        }
    }

    private static AddressRange Random(Random random)
    {
        int first = random.Next(Addresses);
        return new AddressRange((ulong)first, (ulong)random.Next(first, Addresses));
    }
}
