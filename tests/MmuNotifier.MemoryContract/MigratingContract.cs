using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers.Mirroring;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.MemoryContract;

/// <summary>Pages that go to a device's private or coherent memory, and come back.</summary>
public abstract class MigratingContract : ContractTests
{
    private const int Frames = 64;

    private readonly DeviceMemory _private = new(DeviceMemoryKind.Private, new object(), Frames);
    private readonly DeviceMemory _coherent = new(DeviceMemoryKind.Coherent, new object(), Frames);

    protected MigratingContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges) => Need(MemoryFeature.PrivateMigration);

    public override void Dispose()
    {
        base.Dispose();
        Assert.Equal((Frames, Frames), (_private.FreePages, _coherent.FreePages));
        _private.Dispose();
        _coherent.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Pages_move_to_the_device_and_a_touch_brings_them_back()
    {
        ulong at = MapNumbered(2, untouched: 2);
        Assert.Equal(4, Memory.MoveTo(_private, at, 4));
        ExpectEvents(at, "Migrate 0+4", "Migrate 2+2");
        PageEntry entry = Memory.PageOf(at + Page);
        Assert.Equal((PageState.DevicePrivate, true), (entry.State, entry.IsWritable));
        Assert.Equal(Frames - 4, _private.FreePages);
        Assert.Equal(Errno.None, Memory.WriteFrame(entry.Frame, 1, [9]));
        Assert.Equal(2, Memory.Read(at + Page));
        ExpectEvents(at, "Migrate 1+1");
        Assert.Equal(9, Memory.Read(at + Page + 1));
        Assert.Equal(PageState.Present, Memory.PageOf(at + Page).State);
        Assert.Equal(Frames - 3, _private.FreePages);
        Assert.NotEqual(Errno.None, Memory.ReadFrame(entry.Frame, 0, new byte[1]));
        Assert.Equal(0, Memory.Read(at + (2 * Page)));
        Memory.Write(at + (3 * Page), 4);
        Assert.Equal(4, Memory.Read(at + (3 * Page)));
        Assert.Equal(1, Memory.Read(at));
    }

    [Fact]
    public void The_owner_is_not_called_for_its_own_migration_but_for_a_touch()
    {
        ulong at = MapNumbered(1);
        var recorder = new EventRecorder(Memory.Space, _private.Owner);
        Memory.MoveTo(_private, at, 1);
        Assert.Empty(recorder.Take(at));
        Memory.Read(at);
        Assert.Equal(["Migrate 0+1"], recorder.Take(at));
    }

    [Fact]
    public void Pages_move_back_when_the_device_asks()
    {
        ulong at = MapNumbered(8);
        Assert.Equal(8, Memory.MoveTo(_private, at, 8));
        Assert.Equal(8, Memory.MoveBack(_private, at, 8));
        Assert.Equal(Frames, _private.FreePages);
        ExpectNumbers(at, 8);
    }

    [Fact]
    public void Coherent_pages_are_reached_by_the_cpu_where_they_are()
    {
        ulong at = MapNumbered(1, untouched: 1);
        Assert.Equal(2, Memory.MoveTo(_coherent, at, 2));
        PageEntry entry = Memory.PageOf(at);
        Assert.Equal(PageState.Present, entry.State);
        Assert.Same(_coherent, DeviceMemory.Of(entry.Frame));
        Memory.Write(at, 4);
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, Memory.ReadFrame(entry.Frame, 0, read));
        Assert.Equal(4, read[0]);
        Assert.Equal(Errno.None, Memory.WriteFrame(entry.Frame, 0, [5]));
        Assert.Equal(5, Memory.Read(at));
        Assert.Equal(Frames - 2, _coherent.FreePages);
        Assert.Equal(1, Memory.MoveBack(_coherent, at, 1));
        Assert.Equal(5, Memory.Read(at));
        Assert.Equal(Errno.None, Memory.Unmap(at + Page, Page));
        Assert.Equal(Frames, _coherent.FreePages);
    }

    [Fact]
    public void What_has_no_destination_stays()
    {
        ulong at = MapNumbered(2);
        using PageMigration migration = Collect(at, 2);
        Assert.True(_private.TryAllocate(out ulong frame));
        migration.Pages[1].DestinationFrame = frame;
        migration.Copy();
        Assert.Equal(1, migration.Finish());
        Assert.Equal(PageState.Present, Memory.PageOf(at).State);
        Assert.Equal(PageState.DevicePrivate, Memory.PageOf(at + Page).State);
        ExpectNumbers(at, 2);
    }

    [Fact]
    public void Only_what_the_device_picks_comes_back()
    {
        ulong at = MapNumbered(3);
        Assert.Equal(3, Memory.MoveTo(_private, at, 3));
        using PageMigration migration = Collect(at, 3, MigrateSelect.DevicePrivate);
        migration.Pages[1].IsToSystem = true;
        migration.Copy();
        Assert.Equal(1, migration.Finish());
        Assert.Equal(
            [PageState.DevicePrivate, PageState.Present, PageState.DevicePrivate],
            [Memory.PageOf(at).State, Memory.PageOf(at + Page).State, Memory.PageOf(at + (2 * Page)).State]);
        ExpectNumbers(at, 3);
    }

    [Fact]
    public void Holes_and_unreadable_mappings_are_refused()
    {
        ulong at = Memory.MapPages(3);
        Memory.Unmap(at + Page, Page);
        Assert.Equal(Errno.InvalidArgument, TryCollect(at, 3));
        Assert.Equal(Errno.InvalidArgument, TryCollect(at + Page, 1));
        Memory.Protect(at, Page, Protection.None);
        Assert.Equal(Errno.InvalidArgument, TryCollect(at, 1));
    }

    [Fact]
    public void Hugetlb_is_refused()
    {
        Need(MemoryFeature.HugeTlb);
        ulong at = Memory.MapPages(512, MapFlags.Private | MapFlags.HugeTlb);
        Assert.Equal(Errno.InvalidArgument, TryCollect(at, 1));
    }

    [Fact]
    public void Shared_memory_and_untouched_file_pages_stay()
    {
        using MemoryFile file = Memory.CreateFile(2 * Page);
        ulong shared = Memory.MapPages(1, MapFlags.Shared);
        Memory.Write(shared, 1);
        ulong mapped = Memory.MapPages(2, file: file);
        Memory.Read(mapped);
        Memory.Write(mapped + Page, 2);
        Assert.Equal(0, Memory.MoveTo(_private, shared, 1));
        Assert.Equal(1, Memory.MoveTo(_private, mapped, 2));
        Assert.Equal(2, Memory.Read(mapped + Page));
        Memory.Unmap(mapped, 2 * Page);
    }

    [Fact]
    public void What_is_dropped_or_unmapped_is_the_devices_no_more()
    {
        ulong at = MapNumbered(3);
        Assert.Equal(3, Memory.MoveTo(_private, at, 3));
        Assert.Equal(Errno.None, Memory.Advise(at, Page, Advice.DontNeed));
        Assert.Equal(Frames - 2, _private.FreePages);
        Assert.Equal(PageState.None, Memory.PageOf(at).State);
        Assert.Equal(0, Memory.Read(at));
        Assert.Equal(Errno.None, Memory.Unmap(at + Page, Page));
        Assert.Equal(Frames - 1, _private.FreePages);
        Assert.Equal(3, Memory.Read(at + (2 * Page)));
        Assert.Equal(Frames, _private.FreePages);
    }

    [Fact]
    public void A_mapping_put_over_ends_it_too()
    {
        ulong at = Memory.MapPages(2, MapFlags.Private | MapFlags.Fixed, at: At);
        Memory.Write(at, 1);
        Assert.Equal(2, Memory.MoveTo(_private, at, 2));
        Memory.MapPages(2, MapFlags.Private | MapFlags.Fixed, at: At);
        Assert.Equal(Frames, _private.FreePages);
        Assert.Equal(0, Memory.Read(at));
    }

    [Fact]
    public void Pages_of_a_device_move_with_their_mapping()
    {
        ulong at = MapNumbered(2);
        Assert.Equal(2, Memory.MoveTo(_private, at, 2));
        PageEntry before = Memory.PageOf(at + Page);
        Assert.Equal(Errno.None, Memory.Remap(at, 2 * Page, 2 * Page, RemapFlags.MayMove | RemapFlags.Fixed, out ulong moved, To));
        Assert.Equal(before, Memory.PageOf(moved + Page));
        ExpectNumbers(moved, 2);
    }

    [Fact]
    public void Protection_keeps_the_content()
    {
        ulong at = MapNumbered(2);
        Assert.Equal(2, Memory.MoveTo(_private, at, 2));
        Assert.Equal(Errno.None, Memory.Protect(at, Page, Protection.None));
        Assert.Equal(Errno.BadAddress, Memory.TryRead(at));
        Assert.Equal(Errno.None, Memory.Protect(at, 2 * Page, Protection.Read));
        Assert.Equal(Errno.BadAddress, Memory.Write(at + Page, 7));
        ExpectNumbers(at, 2);
    }

    [Fact]
    public void Another_owners_fault_brings_a_page_back_and_its_own_does_not()
    {
        ulong at = MapNumbered(1);
        Assert.Equal(1, Memory.MoveTo(_private, at, 1));
        Assert.Equal(Errno.None, Memory.FaultIn(at, isWrite: true, _private.Owner));
        Assert.Equal(PageState.DevicePrivate, Memory.PageOf(at).State);
        Assert.Equal(Errno.None, Memory.FaultIn(at, isWrite: true, new object()));
        Assert.True(Memory.PageOf(at) is { State: PageState.Present, IsWritable: true });
    }

    [Fact]
    public void Both_sides_of_a_fork_keep_the_data_of_pages_on_a_device()
    {
        Need(MemoryFeature.Fork);
        ulong at = MapNumbered(2);
        Assert.Equal(2, Memory.MoveTo(_private, at, 2));
        using (VirtualMemory child = Memory.Fork())
        {
            Assert.Equal(1, child.Read(at));
            child.Write(at + Page, 9);
            Assert.Equal(9, child.Read(at + Page));
            Assert.Equal(2, Memory.Read(at + Page));
        }

        Memory.Write(at, 5);
        Memory.Write(at + Page, 6);
        Assert.True(Memory.PageOf(at).IsWritable);
        Assert.True(Memory.PageOf(at + Page).IsWritable);
        Assert.Equal(5, Memory.Read(at));
    }

    [Fact]
    public void What_is_unmapped_meanwhile_does_not_move()
    {
        ulong at = MapNumbered(2);
        using PageMigration migration = Collect(at, 2);
        Assert.True(_private.TryAllocate(out ulong frame));
        migration.Pages[0].DestinationFrame = frame;
        migration.Copy();
        Assert.Equal(Errno.None, Memory.Unmap(at, 2 * Page));
        Assert.Equal(0, migration.Finish());
        Assert.Equal(_private.CapacityPages, _private.FreePages);
        Assert.Throws<InvalidOperationException>(() => _private.Free(frame));
        Assert.Equal(Errno.BadAddress, Memory.TryRead(at));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_cpu_makes_meanwhile_is_not_lost(bool isMappedAnew)
    {
        ulong at = Memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, at: At);
        using PageMigration migration = Collect(at, 1);
        Assert.True(_private.TryAllocate(out ulong frame));
        migration.Pages[0].DestinationFrame = frame;
        migration.Copy();
        if (isMappedAnew)
            Memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, at: At);
        Memory.Write(at, 7);
        migration.Finish();
        Assert.Equal(7, Memory.Read(at));
    }

    [Theory]
    [InlineData(DeviceMemoryKind.Private)]
    [InlineData(DeviceMemoryKind.Coherent)]
    public void The_number_of_a_frame_that_a_page_has_left_reaches_no_other_page(DeviceMemoryKind kind)
    {
        DeviceMemory device = kind == DeviceMemoryKind.Private ? _private : _coherent;
        ulong at = MapNumbered(2);
        Assert.Equal(1, Memory.MoveTo(device, at, 1));
        ulong left = Memory.PageOf(at).Frame;
        Assert.Equal(1, Memory.MoveBack(device, at, 1));
        Assert.Equal(1, Memory.MoveTo(device, at + Page, 1));
        Assert.NotEqual(left, Memory.PageOf(at + Page).Frame);
        Assert.Equal(Errno.Again, Memory.ReadFrame(left, 0, new byte[1]));
        Assert.Equal(Errno.Again, Memory.WriteFrame(left, 0, [99]));
        ExpectNumbers(at, 2);
    }

    [Fact]
    public void A_migration_that_is_given_up_frees_the_frames_that_were_named()
    {
        ulong at = MapNumbered(2);
        using (PageMigration migration = Collect(at, 2))
        {
            Assert.True(_private.TryAllocate(out ulong frame));
            migration.Pages[0].DestinationFrame = frame;
            migration.Copy();
        }

        Assert.Equal(Frames, _private.FreePages);
        ExpectNumbers(at, 2);
    }

    // One user of a device moves a page back; another one, with the device open as well, reads it meanwhile, and again when the page's
    // frame has another owner.
    [Fact]
    public void A_page_on_its_way_back_is_not_given_to_another_user_of_the_device()
    {
        using var device = new MirrorDevice(0, capacityPages: 1);
        using MirrorDeviceFile reader = device.Open(Memory);
        ulong at = MapNumbered(2);
        Assert.Equal(1, Memory.MoveTo(device.Memory, at, 1));
        Thread reading;
        byte[] read = new byte[Page];
        using (var migration = new PageMigration(Memory, PageRange(at, 1), MigrateSelect.DevicePrivate, device))
        {
            Assert.Equal(Errno.None, migration.Collect());
            Assert.Equal(PageState.Migrating, Memory.PageOf(at).State);
            reading = Start(() => Read(reader, at, read));
            migration.Pages[0].IsToSystem = true;
            migration.Copy();
            Assert.Equal(1, migration.Finish());
        }

        Assert.True(reading.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, read[0]);
        Assert.Equal(1, Memory.MoveTo(device.Memory, at + Page, 1));
        Read(reader, at, read);
        Assert.Equal(1, read[0]);
    }

    private static void Read(MirrorDeviceFile device, ulong at, byte[] into)
    {
        var command = new MirrorCommandBlock { Address = at, Pages = 1 };
        Assert.Equal(Errno.None, device.Execute(MirrorCommand.Read, ref command, new Buffer(into)));
    }

    [Fact]
    public void Stores_and_migrations_back_and_forth_lose_nothing()
    {
        ulong at = Memory.MapPages(4);
        using var stop = new CancellationTokenSource();
        Thread mover = Start(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Memory.MoveTo(_private, at, 4);
                Memory.MoveBack(_private, at, 4);
            }
        });
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 1; i <= 2000; i++)
        {
            ulong place = at + ((ulong)(i % 4) * Page);
            Memory.Load(place, bytes);
            Assert.Equal(i <= 4 ? 0 : i - 4, BitConverter.ToInt32(bytes));
            Assert.Equal(Errno.None, Memory.Store(place, BitConverter.GetBytes(i)));
        }

        stop.Cancel();
        Assert.True(mover.Join(Patience.Limit));
    }

    [Fact]
    public void Unmapping_races_with_migration()
    {
        ulong at = Memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        using var stop = new CancellationTokenSource();
        Thread mover = Start(() =>
        {
            while (!stop.IsCancellationRequested)
                MoveIfMapped(at, 4);
        });
        for (int i = 0; i < 500; i++)
        {
            Assert.Equal(Errno.None, Memory.Write(at, (byte)i));
            Assert.Equal((byte)i, Memory.Read(at));
            Assert.Equal(Errno.None, Memory.Unmap(at, 4 * Page));
            Memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: at);
            Assert.Equal(0, Memory.Read(at));
        }

        stop.Cancel();
        Assert.True(mover.Join(Patience.Limit));
    }

    private static Thread Start(Action run)
    {
        var thread = new Thread(() => run()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private void MoveIfMapped(ulong at, ulong pages)
    {
        using var migration = new PageMigration(Memory, PageRange(at, pages), MigrateSelect.System, _private.Owner);
        if (migration.Collect() != Errno.None)
            return;
        foreach (ref MigratePage page in migration.Pages)
        {
            if (page.CanMove && _private.TryAllocate(out ulong frame))
                page.DestinationFrame = frame;
        }

        migration.Copy();
        migration.Finish();
    }

    private ulong MapNumbered(ulong pages, ulong untouched = 0)
    {
        ulong at = Memory.MapPages(pages + untouched);
        for (ulong i = 0; i < pages; i++)
            Memory.Write(at + (i * Page), (byte)(i + 1));
        ForgetEvents();
        return at;
    }

    private void ExpectNumbers(ulong at, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
            Assert.Equal((byte)(i + 1), Memory.Read(at + (i * Page)));
    }

    private PageMigration Collect(ulong at, ulong pages, MigrateSelect select = MigrateSelect.System)
    {
        var migration = new PageMigration(Memory, PageRange(at, pages), select, _private.Owner);
        Assert.Equal(Errno.None, migration.Collect());
        Assert.True(migration.Pages[0].CanMove);
        return migration;
    }

    private Errno TryCollect(ulong at, ulong pages)
    {
        using var migration = new PageMigration(Memory, PageRange(at, pages), MigrateSelect.System, _private.Owner);
        return migration.Collect();
    }

    private sealed class Buffer(byte[] bytes) : IUserMemory
    {
        public Errno Read(ulong address, Span<byte> destination)
        {
            bytes.CopyTo(destination);
            return Errno.None;
        }

        public Errno Write(ulong address, ReadOnlySpan<byte> source)
        {
            source.CopyTo(bytes);
            return Errno.None;
        }
    }
}
