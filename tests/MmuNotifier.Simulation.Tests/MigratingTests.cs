using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation.Tests;

public sealed class MigratingTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly SimulatedMemory _memory = new();
    private readonly DeviceMemory _device = new(DeviceMemoryKind.Private, new object(), 4096);

    public void Dispose()
    {
        _memory.Dispose();
        Assert.Equal(4096, _device.FreePages);
        _device.Dispose();
        Assert.Equal(_memory.Machine.Options.Frames - (_memory.Machine.Options.HugeTlbPages * 512), _memory.Machine.FreeFrames);
        Assert.Equal(0, _memory.Machine.StaleFrameAccesses);
    }

    [Fact]
    public void A_page_migrates_from_the_first_step_to_the_last()
    {
        ulong at = _memory.MapPages(1);
        _memory.Write(at, 1);
        using var migration = new PageMigration(_memory, VirtualMemoryExtensions.PageRange(at, 1), MigrateSelect.System, _device.Owner);
        migration.Collect();
        Assert.Equal(PageState.Migrating, _memory.PageOf(at).State);
        Assert.Equal(0, migration.Finish());
        Assert.Equal(PageState.Present, _memory.PageOf(at).State);
    }

    [Fact]
    public void A_page_that_is_unmapped_meanwhile_does_not_move()
    {
        ulong at = _memory.MapPages(1);
        _memory.Write(at, 1);
        using var migration = new PageMigration(_memory, VirtualMemoryExtensions.PageRange(at, 1), MigrateSelect.System, _device.Owner);
        migration.Collect();
        _device.TryAllocate(out ulong frame);
        migration.Pages[0].DestinationFrame = frame;
        migration.Copy();
        Assert.Equal(Errno.None, _memory.Unmap(at, Page));
        _memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, at: at);
        _memory.Write(at, 7);
        Assert.Equal(0, migration.Finish());
        Assert.Throws<InvalidOperationException>(() => _device.Free(frame));
        Assert.Equal(7, _memory.Read(at));
    }

    [Fact]
    public void A_page_that_the_cpu_makes_meanwhile_does_not_move()
    {
        ulong at = _memory.MapPages(1);
        using var migration = new PageMigration(_memory, VirtualMemoryExtensions.PageRange(at, 1), MigrateSelect.System, _device.Owner);
        migration.Collect();
        Assert.True(migration.Pages[0].CanMove);
        Assert.Equal(0UL, migration.Pages[0].SourceFrame);
        _device.TryAllocate(out ulong frame);
        migration.Pages[0].DestinationFrame = frame;
        migration.Copy();
        _memory.Write(at, 3);
        Assert.Equal(0, migration.Finish());
        Assert.Throws<InvalidOperationException>(() => _device.Free(frame));
        Assert.Equal(3, _memory.Read(at));
    }

    [Fact]
    public void A_huge_page_moves_whole_and_comes_back_whole()
    {
        ulong at = _memory.MapHuge();
        _memory.Write(at + 5, 1);
        var recorder = new EventRecorder(_memory.Space);
        Assert.Equal(512, _memory.MoveTo(_device, at, 512, inBlocks: true));
        Assert.Equal(["Migrate 0+512"], recorder.Take(at));
        Assert.Equal(9, _memory.PageOf(at).Order);
        Assert.Equal(1, _memory.Read(at + 5));
        Assert.Equal(["Migrate 0+512"], recorder.Take(at));
        Assert.Equal((PageState.Present, (byte)9), (_memory.PageOf(at).State, _memory.PageOf(at).Order));
        Assert.Equal(512, _memory.MoveTo(_device, at, 512, inBlocks: true));
        Assert.Equal(512, _memory.MoveBack(_device, at, 512));
        Assert.Equal(9, _memory.PageOf(at).Order);
        Assert.Equal(1, _memory.Read(at + 5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_advised_block_that_does_not_exist_moves_whole(bool isZeroMapped)
    {
        ulong at = _memory.MapHuge();
        if (isZeroMapped)
            Assert.Equal(0, _memory.Read(at));
        Assert.Equal(512, _memory.MoveTo(_device, at, 512, inBlocks: true));
        Assert.Equal((PageState.DevicePrivate, (byte)9), (_memory.PageOf(at).State, _memory.PageOf(at).Order));
        Assert.Equal(0, _memory.Read(at + Page));
    }

    [Fact]
    public void A_huge_page_splits_for_single_frames_and_for_a_part()
    {
        ulong at = _memory.MapHuge(2);
        _memory.Write(at, 1);
        _memory.Write(at + PageTable.HugeBytes, 2);
        Assert.True(_device.TryAllocate(out ulong misaligning)); // Frames that happen to be a block are one.
        Assert.Equal(512, _memory.MoveTo(_device, at, 512));
        _device.Free(misaligning);
        Assert.Equal(0, _memory.PageOf(at).Order);
        Assert.Equal(1, _memory.MoveTo(_device, at + PageTable.HugeBytes, 1));
        PageEntry neighbour = _memory.PageOf(at + PageTable.HugeBytes + Page);
        Assert.Equal((PageState.Present, (byte)0), (neighbour.State, neighbour.Order));
        Assert.Equal(1, _memory.Read(at));
        Assert.Equal(2, _memory.Read(at + PageTable.HugeBytes));
    }
}
