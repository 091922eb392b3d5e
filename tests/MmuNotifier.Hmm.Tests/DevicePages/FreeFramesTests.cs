namespace MmuNotifier.Hmm.Tests.DevicePages;

/// <summary>Which frames a device's memory gives out.</summary>
public class FreeFramesTests
{
    [Fact]
    public void Single_frames_come_from_the_bottom_and_blocks_from_the_top()
    {
        using DeviceMemory memory = Make(2048);
        Assert.Equal(0, Take(memory));
        Assert.Equal(1536, TakeBlock(memory, 9));
        Assert.Equal(1, Take(memory));
        Assert.Equal(2048 - 514, memory.FreePages);
    }

    [Fact]
    public void All_are_taken_once_and_none_beyond_the_capacity()
    {
        using DeviceMemory memory = Make(700);
        for (int i = 0; i < 700; i++)
            Assert.Equal(i, Take(memory));
        Assert.Equal((-1, -1, 0), (Take(memory), TakeBlock(memory, 0), memory.FreePages));
    }

    [Fact]
    public void What_becomes_free_is_taken_again_lowest_first()
    {
        using DeviceMemory memory = Make(700);
        var frames = new List<ulong>();
        while (memory.TryAllocate(out ulong frame))
            frames.Add(frame);
        memory.Free(frames[650]);
        memory.Free(frames[3]);
        Assert.Equal([3, 650, -1], [Take(memory), Take(memory), Take(memory)]);
    }

    [Theory]
    [InlineData(0, 699)]
    [InlineData(3, 688)]
    [InlineData(6, 576)]
    [InlineData(7, 512)]
    [InlineData(9, 0)]
    public void A_block_is_the_highest_that_is_aligned_and_lies_inside(int order, int expected)
    {
        using DeviceMemory memory = Make(700);
        Assert.Equal(expected, TakeBlock(memory, order));
        Assert.Equal(700 - (1 << order), memory.FreePages);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(10)]
    public void One_frame_in_use_keeps_a_block_from_being_taken(int order)
    {
        using DeviceMemory memory = Make(1024);
        var frames = new List<ulong>();
        while (memory.TryAllocate(out ulong frame))
            frames.Add(frame);
        int count = 1 << order;
        for (int i = 0; i < 1024; i++)
        {
            if (i % count != count / 2)
                memory.Free(frames[i]);
        }

        Assert.Equal(-1, TakeBlock(memory, order));
        memory.Free(frames[count / 2]);
        Assert.Equal(0, TakeBlock(memory, order));
    }

    private static DeviceMemory Make(int capacity) => new(DeviceMemoryKind.Private, new object(), capacity);

    private static int Take(DeviceMemory memory) => memory.TryAllocate(out ulong frame) ? IndexOf(frame) : -1;

    private static int TakeBlock(DeviceMemory memory, int order) => memory.TryAllocateBlock(order, out ulong frame) ? IndexOf(frame) : -1;

    private static int IndexOf(ulong frame) => (int)(frame & 0xff_ffff);
}
