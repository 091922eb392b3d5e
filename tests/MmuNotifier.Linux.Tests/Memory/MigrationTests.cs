using MmuNotifier.Hmm;
using MmuNotifier.Linux.Tests.Watch;

namespace MmuNotifier.Linux.Tests.Memory;

[Collection(PageSharingGroup.Name)]
public sealed unsafe class MigrationTests : IDisposable
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    private readonly LinuxMemory _memory = new();
    private readonly object _owner = new();
    private readonly DeviceMemory _private;

    public MigrationTests()
    {
        _private = new DeviceMemory(DeviceMemoryKind.Private, _owner, 64);
        string? lack = _memory.WhyUnsupported(MemoryFeature.PrivateMigration);
        Assert.SkipUnless(lack is null, lack ?? "");
    }

    public void Dispose()
    {
        _memory.Dispose();
        _private.Dispose();
    }

    [Fact]
    public void A_touch_by_pointer_brings_a_page_back_and_devices_are_told_after_it()
    {
        ulong address = Map(1);
        *(ulong*)address = 77;
        Assert.Equal(1, Migrate(address, 1));
        Assert.Equal(77UL, *(ulong*)address);
        Assert.NotEqual(PageState.DevicePrivate, EntryOf(address).State);
        Patience.Until(() => _private.FreePages == 64, "the page's frame is free");
    }

    [Fact]
    public void Taking_the_permission_to_read_brings_pages_back()
    {
        ulong address = Map(1);
        _memory.Store(address, [3]);
        Assert.Equal(1, Migrate(address, 1));
        Assert.Equal(Errno.None, _memory.Protect(address, Page, Protection.None));
        Assert.Equal(64, _private.FreePages);
        Assert.Equal(Errno.None, _memory.Protect(address, Page, Protection.Read));
        Assert.Equal([3], Load(address, 1));
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
                Migrate(address, 4);
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

        Patience.Until(() => _private.FreePages == 64, "the page's frame is free");
    }

    // The event of a removal comes before its pages go: one that is copied to a device in between would bring back what was removed.
    [Fact]
    public void What_others_drop_does_not_come_back_from_a_device_that_took_it_meanwhile()
    {
        const int rounds = 4000;
        const int roundsBeforePause = 2000;
        ulong address = Map(1);
        int moves = 0;
        bool isRunning = true;
        var mover = new Thread(() =>
        {
            while (Volatile.Read(ref isRunning))
                Volatile.Write(ref moves, moves + Migrate(address, 1));
        });
        mover.Start();
        try
        {
            for (int round = 1; round <= rounds; round++)
            {
                Volatile.Write(ref *(byte*)address, (byte)(1 + (round % 100)));
                Thread.SpinWait(round % 400);
                Assert.Equal(0, Calls.Advise(address, Page, Calls.DontNeed));
                Assert.Equal(0, Volatile.Read(ref *(byte*)address));
                if (round % roundsBeforePause != 0)
                    continue;
                int before = Volatile.Read(ref moves);
                Patience.Until(() => Volatile.Read(ref moves) > before, "a page is moved");
            }
        }
        finally
        {
            Volatile.Write(ref isRunning, false);
            mover.Join();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_somebody_took_meanwhile_stays_with_him(bool isExclusive)
    {
        ulong address = Map(1);
        _memory.Store(address, [3]);
        var page = AddressRange.FromLength(address, Page);
        using var migration = new PageMigration(_memory, page, MigrateSelect.System, _owner);
        Assert.Equal(Errno.None, migration.Collect());
        Assert.True(_private.TryAllocate(out ulong frame));
        migration.Pages[0].DestinationFrame = frame;
        migration.Copy();
        if (isExclusive)
            Assert.Equal(Errno.None, _memory.MakeExclusive(page, this, new ulong[1]));
        else
            Assert.Equal(1, Migrate(address, 1));
        Assert.Equal(0, migration.Finish());
        Assert.Equal(isExclusive ? PageState.DeviceExclusive : PageState.DevicePrivate, EntryOf(address).State);
        Assert.Equal([3], Load(address, 1));
        Assert.Equal(64, _private.FreePages);
    }

    [Fact]
    public void Exclusive_access_ends_the_name_of_a_coherent_page()
    {
        using var coherent = new DeviceMemory(DeviceMemoryKind.Coherent, _owner, 1);
        ulong address = Map(1);
        _memory.Store(address, [3]);
        var page = AddressRange.FromLength(address, Page);
        using (var migration = new PageMigration(_memory, page, MigrateSelect.System, _owner))
        {
            Assert.Equal(Errno.None, migration.Collect());
            Assert.True(coherent.TryAllocate(out ulong frame));
            migration.Pages[0].DestinationFrame = frame;
            migration.Copy();
            Assert.Equal(1, migration.Finish());
        }

        Assert.Equal(Errno.None, _memory.MakeExclusive(page, this, new ulong[1]));
        Assert.Equal(1, coherent.FreePages);
        Assert.Equal([3], Load(address, 1));
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

    private int Migrate(ulong address, int pages)
    {
        using var migration = new PageMigration(
            _memory, AddressRange.FromLength(address, (ulong)pages * Page), MigrateSelect.System, _owner);
        Assert.Equal(Errno.None, migration.Collect());
        foreach (ref MigratePage page in migration.Pages)
        {
            if (page.CanMove && _private.TryAllocate(out ulong frame))
                page.DestinationFrame = frame;
        }

        migration.Copy();
        return migration.Finish();
    }
}
