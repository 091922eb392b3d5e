using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

public class PageTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_operations_agree_with_a_dictionary(int seed)
    {
        var random = new Random(seed);
        using var frames = new FrameStore(16);
        var table = new PageTable();
        var model = new SortedDictionary<ulong, int>();
        for (int i = 0; i < 5000; i++)
        {
            ulong page = AnyPage(random);
            if (random.Next(3) > 0)
            {
                if (table[page] >= 0)
                    continue;
                int frame = frames.Allocate();
                table.Set(page, frame);
                model[page] = frame;
            }
            else
            {
                ulong last = random.Next(10) == 0 ? page + (1UL << random.Next(40)) : page + (ulong)random.Next(600);
                ulong[] gone = [.. model.Keys.Where(key => key >= page && key <= last)];
                Assert.Equal(gone.Length, table.CountIn(page, last));
                Assert.Equal(gone.Length, table.Clear(page, last, frames));
                foreach (ulong key in gone)
                    model.Remove(key);
                Assert.Equal(0, table.CountIn(page, last));
            }
        }

        Assert.Equal(model.Count, table.Count);
        Assert.Equal(model.Count, frames.Used);
        Assert.Equal(model, Entries(table));
    }

    [Fact]
    public void The_last_page_of_a_57_bit_space_has_its_place()
    {
        using var frames = new FrameStore(16);
        var table = new PageTable();
        const ulong page = (1UL << 45) - 1;
        table.Set(page, frames.Allocate());

        Assert.True(table[page] >= 0);
        Assert.True(table.CountIn(0, ulong.MaxValue >> PageTable.PageShift) > 0);
        Assert.Equal(1, table.Clear(0, ulong.MaxValue >> PageTable.PageShift, frames));
    }

    private static ulong AnyPage(Random random) => random.Next(3) switch
    {
        0 => (ulong)random.Next(2000),
        1 => (1UL << 35) - 500 + (ulong)random.Next(1000),
        _ => (ulong)random.NextInt64(1L << 44),
    };

    private static Dictionary<ulong, int> Entries(PageTable table)
    {
        var entries = new Dictionary<ulong, int>();
        var pages = new ulong[7];
        var frames = new int[7];
        ulong next = 0;
        const ulong lastPage = ulong.MaxValue >> PageTable.PageShift;
        for (int count; (count = table.CopyEntries(next, lastPage, pages, frames)) > 0; next = pages[count - 1] + 1)
        {
            for (int i = 0; i < count; i++)
                entries.Add(pages[i], frames[i]);
        }

        return entries;
    }
}
