using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>Which pages were written since the last look.</summary>
[Collection(WatchGroup.Name)]
public sealed class WriteWatchTests : IDisposable
{
    private const ulong Length = 16;
    private readonly Watched _watched = new();
    private readonly ulong _address;
    private readonly WriteWatch _writes;
    private readonly List<AddressRange> _written = [];

    public WriteWatchTests()
    {
        _address = _watched.Map(Length);
        _writes = Watch(Pages(_address, Length));
    }

    public void Dispose()
    {
        _writes.Dispose();
        Unmap(_address, Length * Page);
        _watched.Dispose();
    }

    [Fact]
    public void Written_pages_come_once_in_order_and_joined()
    {
        Assert.Empty(Take());
        Touch(At(5), 1);
        Touch(At(2), 2);
        Touch(At(4), 1);
        Touch(At(9), 1);
        Assert.Equal([Pages(At(2), 4), Pages(At(9), 1)], Take());
        Assert.Empty(Take());
        Touch(At(9), 1);
        Assert.Equal([Pages(At(9), 1)], Take());
    }

    [Fact]
    public void Reading_is_no_write()
    {
        Read(At(3));
        Assert.Empty(Take());
    }

    [Fact]
    public void A_range_is_taken_as_whole_pages()
    {
        using WriteWatch part = Watch(new AddressRange(At(1) + 100, At(2) + 100));
        Assert.Equal(Pages(At(1), 2), part.Range);
        Touch(At(2) + 4000, 1);
        part.TakeWritten(_written);
        Assert.Equal([Pages(At(2), 1)], _written);
    }

    [Fact]
    public void The_first_touch_of_a_page_counts()
    {
        ulong fresh = MapPages(4);
        using WriteWatch writes = Watch(Pages(fresh, 4));
        Touch(fresh + Page, 1);
        writes.TakeWritten(_written);
        Assert.Equal([Pages(fresh + Page, 1)], _written);
        Unmap(fresh, 4 * Page);
    }

    [Fact]
    public void What_the_kernel_writes_for_a_system_call_counts()
    {
        int random = OpenFile("/dev/urandom", 0);
        const nint read = 0;
        Assert.Equal(8, SystemCall(read, random, (nint)At(7), 8));
        Assert.Equal([Pages(At(7), 1)], Take());
        _ = Close(random);
    }

    [Fact]
    public void Memory_that_was_unmapped_and_mapped_again_counts_once_and_is_watched_on()
    {
        Unmap(At(4), 2 * Page);
        Assert.Equal([Pages(At(4), 2)], Take());
        Assert.Empty(Take());
        MapPages(2, flags: PrivateAnonymous | Fixed, address: At(4));
        Assert.Equal([Pages(At(4), 2)], Take());
        Assert.Empty(Take());
        Touch(At(5), 1);
        Assert.Equal([Pages(At(5), 1)], Take());
    }

    [Fact]
    public void Dropped_pages_count_and_a_write_while_they_are_being_dropped_is_not_missed()
    {
        Advise(At(4), 4 * Page, DontNeed);
        Assert.Equal([Pages(At(4), 4)], Take());
        Touch(At(6), 1);
        // The watch protects what is left of the pages, to see the end of the removal: that must not hide the write.
        Assert.True(SpinWait.SpinUntil(() => !_watched.Watch.IsChanging(_writes.Range), Patience.Limit));
        Assert.Contains(Take(), range => range.Contains(Pages(At(6), 1)));
    }

    [Fact]
    public void A_change_of_protection_is_no_write()
    {
        Protect(At(1), Page, 1);
        Assert.Empty(Take());
        Protect(At(1), Page, ReadWrite);
        Assert.Empty(Take());
        Touch(At(1), 1);
        Assert.Equal([Pages(At(1), 1)], Take());
    }

    [Fact]
    public void Two_that_overlap_do_not_take_from_each_other()
    {
        using WriteWatch other = Watch(Pages(At(8), 8));
        Touch(At(9), 1);
        Touch(At(2), 1);
        Assert.Equal([Pages(At(2), 1), Pages(At(9), 1)], Take());
        other.TakeWritten(_written);
        Assert.Equal([Pages(At(9), 1)], _written);
        other.TakeWritten(_written);
        Assert.Empty(_written);
    }

    [Fact]
    public void What_a_cache_arms_hides_no_write_and_a_look_hides_none_from_the_cache()
    {
        AddressRange cached = Pages(At(0), 4);
        Assert.True(_watched.Watch.TryWatch(cached));
        Touch(At(1), 1);
        _watched.Watch.Arm(cached);
        Assert.Equal([Pages(At(1), 1)], Take());
        _watched.Watch.Arm(cached);
        Assert.True(_watched.Watch.IsIntact(cached));
        Touch(At(2), 1);
        Assert.Equal([Pages(At(2), 1)], Take());
        Assert.False(_watched.Watch.IsIntact(cached));
        _watched.Watch.Unwatch(cached);
    }

    [Fact]
    public void No_write_is_missed_while_others_write()
    {
        long[] begun = new long[Length], made = new long[Length];
        bool isOver = false;
        Thread[] writers = [.. Enumerable.Range(0, 2).Select(seed => new Thread(() => WriteAtRandom(seed)))];
        Array.ForEach(writers, thread => thread.Start());
        long[] begunBeforeLast = new long[Length];
        bool[] inLast = new bool[Length];
        for (int look = 0; look < 2000; look++)
        {
            long[] madeBefore = [.. made.Select((_, page) => Volatile.Read(ref made[page]))];
            long[] begunBefore = [.. begun.Select((_, page) => Volatile.Read(ref begun[page]))];
            Take();
            for (int page = 0; page < (int)Length; page++)
            {
                bool isIn = _written.Exists(range => range.Contains(Pages(At((ulong)page), 1)));
                bool wasWrittenBetween = madeBefore[page] > begunBeforeLast[page];
                Assert.True(isIn || inLast[page] || !wasWrittenBetween, $"look {look}: a write of page {page} is in neither answer");
                (inLast[page], begunBeforeLast[page]) = (isIn, begunBefore[page]);
            }
        }

        Volatile.Write(ref isOver, true);
        Array.ForEach(writers, thread => thread.Join());

        void WriteAtRandom(int seed)
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref isOver))
            {
                int page = (random.Next((int)Length / 2) * 2) + seed; // Each page has one writer.
                Interlocked.Increment(ref begun[page]);
                Touch(At((ulong)page), 1);
                Interlocked.Increment(ref made[page]);
            }
        }
    }

    [Fact]
    public void When_the_watch_has_ended_all_counts_as_written_each_time()
    {
        _watched.Watch.Dispose();
        Assert.Equal([_writes.Range], Take());
        Assert.Equal([_writes.Range], Take());
        Assert.False(_watched.Watch.TryWatchWrites(_writes.Range, out _));
    }

    [Fact]
    public void One_that_was_disposed_throws_and_leaves_the_range_to_others()
    {
        WriteWatch other = Watch(_writes.Range);
        other.Dispose();
        other.Dispose();
        Assert.Throws<ObjectDisposedException>(() => other.TakeWritten(_written));
        Touch(At(3), 1);
        Assert.Equal([Pages(At(3), 1)], Take());
    }

    [Fact]
    public void What_is_not_mapped_is_refused()
    {
        Unmap(At(0), Length * Page);
        Assert.False(_watched.Watch.TryWatchWrites(Pages(At(0), 1), out WriteWatch? writes));
        Assert.Null(writes);
    }

    private ulong At(ulong page) => _address + (page * Page);

    private static unsafe void Read(ulong address) => _ = Volatile.Read(ref *(byte*)address);

    private WriteWatch Watch(AddressRange range)
    {
        Assert.True(_watched.Watch.TryWatchWrites(range, out WriteWatch? writes));
        return writes;
    }

    private List<AddressRange> Take()
    {
        _writes.TakeWritten(_written);
        return _written;
    }
}
