using MmuNotifier.Hmm;
using MmuNotifier.Linux.Own;

namespace MmuNotifier.Linux.Tests.Own;

public sealed unsafe class TakingTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private readonly OwnMemory _memory = new();
    private readonly object _owner = new();
    private readonly DeviceMemory _private;
    private readonly DeviceMemory _coherent;

    public TakingTests()
    {
        _private = new DeviceMemory(DeviceMemoryKind.Private, _owner, 64);
        _coherent = new DeviceMemory(DeviceMemoryKind.Coherent, _owner, 64);
        string? lack = _memory.DescribeLack(MemoryFeature.PrivateMigration);
        Assert.SkipUnless(lack is null, lack ?? "");
    }

    public void Dispose()
    {
        _memory.Dispose();
        _private.Dispose();
        _coherent.Dispose();
    }

    [Fact]
    public void A_page_goes_to_the_device_and_a_load_brings_it_back()
    {
        ulong address = Map(2);
        _memory.Store(address, [1, 2, 3]);
        Assert.Equal(1, Migrate(address, 1, _private));
        PageEntry entry = EntryOf(address);
        Assert.Equal(PageState.DevicePrivate, entry.State);
        Assert.Equal(Errno.None, _memory.WriteFrame(entry.Frame, 1, [9]));
        var recorder = new EventRecorder();
        _memory.Space.Insert(recorder);
        Assert.Equal([1, 9, 3], Load(address, 3));
        recorder.Remove(TestContext.Current.CancellationToken);
        Assert.Equal([(InvalidationEvent.Migrate, AddressRange.FromLength(address, Page))], recorder.Events);
        Assert.Equal(PageState.Present, EntryOf(address).State);
        Assert.Equal(64, _private.FreePages);
        Assert.Equal(Errno.Again, _memory.ReadFrame(entry.Frame, 0, new byte[1]));
    }

    [Fact]
    public void A_touch_by_pointer_brings_a_page_back_and_devices_are_told_after_it()
    {
        ulong address = Map(1);
        *(ulong*)address = 77;
        Assert.Equal(1, Migrate(address, 1, _private));
        Assert.Equal(77UL, *(ulong*)address);
        Assert.NotEqual(PageState.DevicePrivate, EntryOf(address).State);
        WaitUntil(() => _private.FreePages == 64);
    }

    [Fact]
    public void A_page_that_was_never_touched_goes_as_zeros()
    {
        ulong address = Map(3);
        Assert.Equal(3, Migrate(address, 3, _private));
        byte[] read = [1];
        Assert.Equal(Errno.None, _memory.ReadFrame(EntryOf(address + Page).Frame, 5, read));
        Assert.Equal([0], read);
        _memory.Store(address + Page, [5]);
        Assert.Equal([5], Load(address + Page, 1));
        Assert.Equal(PageState.DevicePrivate, EntryOf(address + (2 * Page)).State);
    }

    [Fact]
    public void A_migration_to_the_system_brings_pages_back()
    {
        ulong address = Map(4);
        _memory.Store(address, Enumerable.Range(0, 4 * (int)Page).Select(i => (byte)(i / 7)).ToArray());
        Assert.Equal(4, Migrate(address, 4, _private));
        using var migration = new PageMigration(_memory, AddressRange.FromLength(address, 4 * Page), MigrateSelect.DevicePrivate, _owner);
        Assert.Equal(Errno.None, migration.Collect());
        foreach (ref MigratePage page in migration.Pages)
            page.IsToSystem = page.CanMove;
        migration.Copy();
        Assert.Equal(4, migration.Finish());
        Assert.Equal(64, _private.FreePages);
        Assert.Equal(Enumerable.Range(0, 4 * (int)Page).Select(i => (byte)(i / 7)), Load(address, 4 * (int)Page));
    }

    [Fact]
    public void What_is_dropped_or_unmapped_is_the_device_s_no_more()
    {
        ulong address = Map(3);
        _memory.Store(address, new byte[3 * Page].Select(_ => (byte)1).ToArray());
        Assert.Equal(3, Migrate(address, 3, _private));
        Assert.Equal(Errno.None, _memory.Advise(address, Page, Advice.DontNeed));
        Assert.Equal(62, _private.FreePages);
        Assert.Equal(PageState.None, EntryOf(address).State);
        Assert.Equal([0], Load(address, 1));
        Assert.Equal(Errno.None, _memory.Unmap(address + Page, Page));
        Assert.Equal(63, _private.FreePages);
        Assert.Equal([1], Load(address + (2 * Page), 1));
        Assert.Equal(64, _private.FreePages);
    }

    [Fact]
    public void Pages_that_a_device_has_move_with_their_mapping()
    {
        ulong address = Map(4);
        _memory.Store(address + Page, [42]);
        Assert.Equal(2, Migrate(address, 2, _private));
        PageEntry before = EntryOf(address + Page);
        Assert.Equal(Errno.None, _memory.Remap(address, 2 * Page, 2 * Page, RemapFlags.MayMove | RemapFlags.Fixed, out ulong moved, address + (2 * Page)));
        Assert.Equal(before, EntryOf(moved + Page));
        Assert.Equal([42], Load(moved + Page, 1));
    }

    [Fact]
    public void Taking_the_permission_to_read_brings_pages_back()
    {
        ulong address = Map(1);
        _memory.Store(address, [3]);
        Assert.Equal(1, Migrate(address, 1, _private));
        Assert.Equal(Errno.None, _memory.Protect(address, Page, Protection.None));
        Assert.Equal(64, _private.FreePages);
        Assert.Equal(Errno.None, _memory.Protect(address, Page, Protection.Read));
        Assert.Equal([3], Load(address, 1));
    }

    [Fact]
    public void Another_owner_s_fault_brings_a_page_back_and_its_own_does_not()
    {
        ulong address = Map(1);
        _memory.Store(address, [3]);
        Assert.Equal(1, Migrate(address, 1, _private));
        Assert.Equal(Errno.None, _memory.FaultIn(address, isWrite: true, _owner));
        Assert.Equal(PageState.DevicePrivate, EntryOf(address).State);
        Assert.Equal(Errno.None, _memory.FaultIn(address, isWrite: true, new object()));
        Assert.True(EntryOf(address) is { State: PageState.Present, IsWritable: true });
    }

    [Fact]
    public void Coherent_pages_stay_within_reach_of_both()
    {
        ulong address = Map(1);
        _memory.Store(address, [3]);
        Assert.Equal(1, Migrate(address, 1, _coherent));
        PageEntry entry = EntryOf(address);
        Assert.True(entry.State == PageState.Present && DeviceMemory.Of(entry.Frame) == _coherent);
        Assert.Equal(Errno.None, _memory.WriteFrame(entry.Frame, 0, [4]));
        Assert.Equal([4], Load(address, 1));
        Assert.Equal(63, _coherent.FreePages);
        Assert.Equal(Errno.None, _memory.Unmap(address, Page));
        Assert.Equal(64, _coherent.FreePages);
    }

    [Fact]
    public void Shared_pages_stay()
    {
        Assert.Equal(Errno.None, _memory.Map(0, Page, ReadWrite, MapFlags.Shared, out ulong address));
        _memory.Store(address, [1]);
        Assert.Equal(0, Migrate(address, 1, _private));
        Assert.Equal(64, _private.FreePages);
    }

    [Fact]
    public void Exclusive_access_ends_with_a_touch_and_devices_hear_of_it()
    {
        ulong address = Map(2);
        _memory.Store(address, [1]);
        var frames = new ulong[2];
        Assert.Equal(Errno.None, _memory.MakeExclusive(AddressRange.FromLength(address, 2 * Page), _owner, frames));
        Assert.Equal(PageState.DeviceExclusive, EntryOf(address).State);
        Assert.Equal(Errno.None, _memory.WriteFrame(frames[0], 0, [8]));
        var recorder = new EventRecorder();
        _memory.Space.Insert(recorder);
        Assert.Equal([8], Load(address, 1));
        recorder.Remove(TestContext.Current.CancellationToken);
        Assert.Equal([(InvalidationEvent.Exclusive, AddressRange.FromLength(address, Page))], recorder.Events);
        Assert.Equal(PageState.DeviceExclusive, EntryOf(address + Page).State);
        Assert.Equal(Errno.BadAddress, _memory.MakeExclusive(AddressRange.FromLength(address + (64 * Page), Page), _owner, frames.AsSpan()[..1]));
        Assert.Equal(Errno.None, _memory.Protect(address, Page, Protection.Read));
        Assert.Equal(Errno.NotPermitted, _memory.MakeExclusive(AddressRange.FromLength(address, Page), _owner, frames.AsSpan()[..1]));
    }

    [Fact]
    public void No_write_is_lost_while_pages_come_and_go()
    {
        const int rounds = 2000;
        ulong address = Map(4);
        bool isRunning = true;
        Thread[] writers = [.. Enumerable.Range(0, 2).Select(word => new Thread(() =>
        {
            for (ulong round = 1; round <= rounds; round++)
            {
                for (ulong page = 0; page < 4; page++)
                    Volatile.Write(ref ((ulong*)(address + (page * Page)))[word], round);
            }
        }))];
        var mover = new Thread(() =>
        {
            while (Volatile.Read(ref isRunning))
                Migrate(address, 4, _private);
        });
        mover.Start();
        Array.ForEach(writers, thread => thread.Start());
        Array.ForEach(writers, thread => thread.Join());
        Volatile.Write(ref isRunning, false);
        mover.Join();
        for (ulong page = 0; page < 4; page++)
        {
            Assert.Equal((ulong)rounds, *(ulong*)(address + (page * Page)));
            Assert.Equal((ulong)rounds, ((ulong*)(address + (page * Page)))[1]);
        }

        WaitUntil(() => _private.FreePages == 64);
    }

    private static void WaitUntil(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
            Thread.Sleep(10);
        Assert.True(condition());
    }

    private ulong Map(int pages)
    {
        Assert.Equal(Errno.None, _memory.Map(0, (ulong)pages * Page, ReadWrite, MapFlags.Private, out ulong address));
        return address;
    }

    private PageEntry EntryOf(ulong address)
    {
        var entries = new PageEntry[1];
        _memory.GetPages(AddressRange.FromLength(address, Page), entries);
        return entries[0];
    }

    private byte[] Load(ulong address, int length)
    {
        byte[] read = new byte[length];
        Assert.Equal(Errno.None, _memory.Load(address, read));
        return read;
    }

    private int Migrate(ulong address, int pages, DeviceMemory device)
    {
        using var migration = new PageMigration(_memory, AddressRange.FromLength(address, (ulong)pages * Page), MigrateSelect.System, _owner);
        Assert.Equal(Errno.None, migration.Collect());
        var frames = new ulong[pages];
        for (int i = 0; i < pages; i++)
        {
            if (migration.Pages[i].CanMove && device.TryAllocate(out frames[i]))
                migration.Pages[i].DestinationFrame = frames[i];
        }

        migration.Copy();
        int moved = migration.Finish();
        for (int i = 0; i < pages; i++)
        {
            if (frames[i] != 0 && !migration.Pages[i].IsMoved)
                device.Free(frames[i]);
        }

        return moved;
    }
}
