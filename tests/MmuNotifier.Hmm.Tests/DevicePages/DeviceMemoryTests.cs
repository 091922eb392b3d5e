namespace MmuNotifier.Hmm.Tests.DevicePages;

public sealed class DeviceMemoryTests : IDisposable
{
    private readonly DeviceMemory _memory = new(DeviceMemoryKind.Private, new object(), capacityPages: 1024);

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Freeing_a_frame_twice_throws()
    {
        ulong frame = Allocate();
        _memory.Free(frame);
        Assert.Throws<InvalidOperationException>(() => _memory.Free(frame));
        Assert.Equal(1024, _memory.FreePages);
    }

    [Fact]
    public void Freeing_a_frame_of_which_the_page_was_given_away_again_throws_and_leaves_the_new_owner_alone()
    {
        ulong first = Allocate();
        _memory.Free(first);
        ulong second = Allocate();
        Assert.Throws<InvalidOperationException>(() => _memory.Free(first));
        Assert.Equal(Errno.None, _memory.Write(second, 0, [7]));
        _memory.Free(second);
    }

    [Fact]
    public void A_frame_that_was_never_allocated_cannot_be_freed()
    {
        ulong frame = Allocate();
        Assert.Throws<InvalidOperationException>(() => _memory.Free(frame + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _memory.Free(frame + 5000));
    }

    [Fact]
    public void The_number_of_a_freed_frame_reaches_no_other_page()
    {
        ulong first = Allocate();
        Assert.Equal(Errno.None, _memory.Write(first, 0, [1]));
        _memory.Free(first);
        ulong second = Allocate();
        Assert.NotEqual(first, second);
        Assert.Equal(Errno.Again, _memory.Read(first, 0, new byte[1]));
        Assert.Equal(Errno.Again, _memory.Write(first, 0, [9]));
        byte[] read = [5];
        Assert.Equal(Errno.None, _memory.Read(second, 0, read));
        Assert.Equal([0], read);
        Assert.Same(_memory, DeviceMemory.Of(second));
        Assert.Same(_memory, DeviceMemory.Of(first));
    }

    [Fact]
    public void Revoking_a_freed_frame_does_not_revoke_the_page_of_the_new_owner()
    {
        ulong first = Allocate();
        _memory.Free(first);
        ulong second = Allocate();
        Assert.False(_memory.Revoke(first));
        Assert.True(_memory.IsRevoked(first));
        Assert.False(_memory.IsRevoked(second));
        Assert.Equal(Errno.None, _memory.Write(second, 0, [1]));
        Assert.True(_memory.Revoke(second));
        _memory.Restore(first);
        Assert.True(_memory.IsRevoked(second));
    }

    [Fact]
    public void A_page_that_stays_after_all_can_be_used_again()
    {
        ulong frame = Allocate();
        Assert.Equal(Errno.None, _memory.Write(frame, 3, [4]));
        Assert.True(_memory.Revoke(frame));
        Assert.Equal(Errno.Again, _memory.Read(frame, 3, new byte[1]));
        _memory.Restore(frame);
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, _memory.Read(frame, 3, read));
        Assert.Equal([4], read);
    }

    [Fact]
    public void The_frames_of_a_block_have_consecutive_numbers_whatever_their_pages_were_before()
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.True(_memory.TryAllocateBlock(9, out ulong used));
            for (ulong j = 0; j < 512; j += (ulong)i + 1)
                _memory.Free(used + j);
            for (ulong j = 0; j < 512; j++)
            {
                if (j % ((ulong)i + 1) != 0)
                    _memory.Free(used + j);
            }

            ulong single = Allocate();
            _memory.Free(single);
        }

        Assert.True(_memory.TryAllocateBlock(9, out ulong first));
        Assert.Equal(0UL, first % 512);
        for (ulong j = 0; j < 512; j++)
            Assert.Equal(Errno.None, _memory.Write(first + j, 0, [1]));
        for (ulong j = 0; j < 512; j++)
            _memory.Free(first + j);
        Assert.Equal(1024, _memory.FreePages);
    }

    [Fact]
    public void A_memory_does_not_take_over_the_numbers_of_one_that_was_disposed_of()
    {
        var before = new DeviceMemory(DeviceMemoryKind.Private, new object(), capacityPages: 1);
        Assert.True(before.TryAllocate(out ulong old));
        before.Dispose();
        using var after = new DeviceMemory(DeviceMemoryKind.Private, new object(), capacityPages: 1);
        Assert.True(after.TryAllocate(out ulong frame));
        Assert.NotEqual(old, frame);
        Assert.Throws<ObjectDisposedException>(() => before.Free(old));
    }

    [Fact]
    public void Owners_that_share_nothing_never_see_each_others_pages()
    {
        const int threads = 4;
        var wrong = new int[threads];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            byte[] read = new byte[1];
            for (int i = 0; i < 20_000; i++)
            {
                Assert.True(_memory.TryAllocate(out ulong frame));
                _memory.Write(frame, 0, [(byte)(thread + 1)]);
                if (_memory.Read(frame, 0, read) != Errno.None || read[0] != thread + 1)
                    wrong[thread]++;
                _memory.Free(frame);
            }
        });
        Assert.All(wrong, count => Assert.Equal(0, count));
        Assert.Equal(1024, _memory.FreePages);
    }

    private ulong Allocate()
    {
        Assert.True(_memory.TryAllocate(out ulong frame));
        return frame;
    }
}
