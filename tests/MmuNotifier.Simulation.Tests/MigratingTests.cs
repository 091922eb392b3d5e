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
    public void Pages_move_to_the_device_and_a_touch_brings_them_back()
    {
        ulong at = _memory.MapPages(4);
        _memory.Write(at, 1);
        _memory.Write(at + Page, 2);
        var recorder = new EventRecorder(_memory.Space);

        Assert.Equal(4, _memory.MoveTo(_device, at, 4));
        Assert.Equal(["Migrate 0+4", "Migrate 2+2"], recorder.Take(at));
        Assert.Equal(PageState.DevicePrivate, _memory.PageOf(at).State);
        Assert.True(_memory.PageOf(at).IsWritable);
        Assert.Equal(4092, _device.FreePages);

        Assert.Equal(2, _memory.Read(at + Page));
        Assert.Equal(["Migrate 1+1"], recorder.Take(at));
        Assert.Equal(PageState.Present, _memory.PageOf(at + Page).State);
        Assert.Equal(4093, _device.FreePages);
        Assert.Equal(0, _memory.Read(at + (2 * Page)));
        Assert.Equal(1, _memory.Read(at));
    }

    [Fact]
    public void The_owner_is_not_called_for_its_own_migration_but_for_a_touch()
    {
        ulong at = _memory.MapPages(1);
        _memory.Write(at, 1);
        var recorder = new EventRecorder(_memory.Space, _device.Owner);
        _memory.MoveTo(_device, at, 1);
        Assert.Empty(recorder.Take(at));
        _memory.Read(at);
        Assert.Equal(["Migrate 0+1"], recorder.Take(at));
    }

    [Fact]
    public void Pages_move_back_when_the_device_asks()
    {
        ulong at = _memory.MapPages(8);
        for (ulong i = 0; i < 8; i++)
            _memory.Write(at + (i * Page), (byte)i);
        Assert.Equal(8, _memory.MoveTo(_device, at, 8));
        Assert.Equal(8, _memory.MoveBack(_device, at, 8));
        Assert.Equal(4096, _device.FreePages);
        for (ulong i = 0; i < 8; i++)
            Assert.Equal((byte)i, _memory.Read(at + (i * Page)));
    }

    [Fact]
    public void What_has_no_destination_is_put_back()
    {
        ulong at = _memory.MapPages(2);
        _memory.Write(at, 1);
        _memory.Write(at + Page, 2);
        using (var migration = new PageMigration(_memory, VirtualMemoryExtensions.PageRange(at, 2), MigrateSelect.System, _device.Owner))
        {
            migration.Collect();
            Assert.Equal(PageState.Migrating, _memory.PageOf(at).State);
            Assert.True(_device.TryAllocate(out ulong frame));
            migration.Pages[1].DestinationFrame = frame;
            migration.Copy();
            Assert.Equal(1, migration.Finish());
        }

        Assert.Equal(PageState.Present, _memory.PageOf(at).State);
        Assert.Equal(PageState.DevicePrivate, _memory.PageOf(at + Page).State);
        Assert.Equal(1, _memory.Read(at));
        Assert.Equal(2, _memory.Read(at + Page));
    }

    [Fact]
    public void Holes_unreadable_and_hugetlb_mappings_are_refused()
    {
        ulong at = _memory.MapPages(3);
        _memory.Unmap(at + Page, Page);
        Assert.Equal(Errno.InvalidArgument, Collect(at, 3));
        Assert.Equal(Errno.InvalidArgument, Collect(at + Page, 1));
        _memory.Protect(at, Page, Protection.None);
        Assert.Equal(Errno.InvalidArgument, Collect(at, 1));
        ulong huge = _memory.MapPages(512, MapFlags.Private | MapFlags.HugeTlb);
        Assert.Equal(Errno.InvalidArgument, Collect(huge, 1));
    }

    [Fact]
    public void Shared_memory_and_untouched_file_pages_stay()
    {
        using MemoryFile file = _memory.CreateFile(2 * Page);
        ulong shared = _memory.MapPages(1, MapFlags.Shared);
        _memory.Write(shared, 1);
        ulong mapped = _memory.MapPages(2, file: file);
        _memory.Read(mapped);
        _memory.Write(mapped + Page, 2);
        Assert.Equal(0, _memory.MoveTo(_device, shared, 1));
        Assert.Equal(1, _memory.MoveTo(_device, mapped, 2));
        Assert.Equal(2, _memory.Read(mapped + Page));
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
        _device.Free(frame);
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
        _device.Free(frame);
        Assert.Equal(3, _memory.Read(at));
    }

    [Fact]
    public void Both_sides_of_a_fork_keep_the_data_of_pages_on_the_device()
    {
        ulong at = _memory.MapPages(2);
        _memory.Write(at, 1);
        _memory.Write(at + Page, 2);
        Assert.Equal(2, _memory.MoveTo(_device, at, 2));
        using (VirtualMemory child = _memory.Fork())
        {
            Assert.Equal(1, child.Read(at));
            child.Write(at + Page, 9);
            Assert.Equal(9, child.Read(at + Page));
            Assert.Equal(2, _memory.Read(at + Page));
        }

        _memory.Write(at, 5);
        _memory.Write(at + Page, 6);
        Assert.True(_memory.PageOf(at).IsWritable);
        Assert.True(_memory.PageOf(at + Page).IsWritable);
        Assert.Equal(5, _memory.Read(at));
    }

    [Fact]
    public void Coherent_pages_are_reached_by_the_cpu_where_they_are()
    {
        using var coherent = new DeviceMemory(DeviceMemoryKind.Coherent, new object(), 8);
        ulong at = _memory.MapPages(2);
        _memory.Write(at, 1);
        Assert.Equal(2, _memory.MoveTo(coherent, at, 2));
        PageEntry entry = _memory.PageOf(at);
        Assert.Equal(PageState.Present, entry.State);
        Assert.Same(coherent, DeviceMemory.Of(entry.Frame));
        _memory.Write(at, 4);
        Assert.Equal(4, _memory.Read(at));
        Assert.Equal(2, _memory.MoveBack(coherent, at, 2));
        Assert.Equal(4, _memory.Read(at));
        Assert.Equal(8, coherent.FreePages);
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

    [Fact]
    public void Stores_and_migrations_back_and_forth_lose_nothing()
    {
        ulong at = _memory.MapPages(4);
        using var stop = new CancellationTokenSource();
        var mover = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _memory.MoveTo(_device, at, 4);
                _memory.MoveBack(_device, at, 4);
            }
        });
        mover.Start();
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 1; i <= 2000; i++)
        {
            ulong place = at + ((ulong)(i % 4) * Page);
            _memory.Load(place, bytes);
            int before = BitConverter.ToInt32(bytes);
            Assert.Equal(i <= 4 ? 0 : i - 4, before);
            Assert.Equal(Errno.None, _memory.Store(place, BitConverter.GetBytes(i)));
        }

        stop.Cancel();
        Assert.True(mover.Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Unmapping_races_with_migration()
    {
        ulong at = _memory.MapPages(4);
        using var stop = new CancellationTokenSource();
        var mover = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var migration = new PageMigration(_memory, VirtualMemoryExtensions.PageRange(at, 4), MigrateSelect.System, _device.Owner);
                if (migration.Collect() != Errno.None)
                    continue;
                foreach (ref MigratePage page in migration.Pages)
                {
                    if (page.CanMove && _device.TryAllocate(out ulong frame))
                        page.DestinationFrame = frame;
                }

                migration.Copy();
                migration.Finish();
                foreach (ref MigratePage page in migration.Pages)
                {
                    if (!page.IsMoved && page.DestinationFrame != 0)
                        _device.Free(page.DestinationFrame);
                }
            }
        });
        mover.Start();
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Errno.None, _memory.Write(at, (byte)i));
            Assert.Equal((byte)i, _memory.Read(at));
            Assert.Equal(Errno.None, _memory.Unmap(at, 4 * Page));
            _memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: at);
            Assert.Equal(0, _memory.Read(at));
        }

        stop.Cancel();
        Assert.True(mover.Join(TimeSpan.FromSeconds(30)));
    }

    private Errno Collect(ulong address, ulong pages)
    {
        using var migration = new PageMigration(_memory, VirtualMemoryExtensions.PageRange(address, pages), MigrateSelect.System, _device.Owner);
        return migration.Collect();
    }
}
