using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.MemoryContract;

/// <summary>Transparent huge pages.</summary>
public abstract class HugePageContract : ContractTests
{
    private const ulong HugeBytes = 512 * Page;

    private readonly DeviceMemory _device = new(DeviceMemoryKind.Private, new object(), 1024);
    private readonly ulong _at;

    protected HugePageContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges)
    {
        Need(MemoryFeature.TransparentHugePages);
        _at = Memory.MapHuge();
    }

    public override void Dispose()
    {
        base.Dispose();
        _device.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_write_makes_a_huge_page_where_advised_and_a_part_splits_it()
    {
        MakeHuge();
        Memory.Protect(_at, HugeBytes, Protection.Read);
        Assert.Equal((false, (byte)9), (Memory.PageOf(_at).IsWritable, Memory.PageOf(_at).Order));
        Memory.Unmap(_at + (2 * Page), Page);
        Assert.Equal(0, Memory.PageOf(_at).Order);
        Assert.Equal(1, Memory.Read(_at + Page));
    }

    [Fact]
    public void Zeros_are_read_and_become_a_page_by_a_write()
    {
        Assert.Equal(0, Memory.Read(_at + HugeBytes - 1));
        Memory.Write(_at, 1);
        Assert.True(Memory.PageOf(_at) is { State: PageState.Present, IsWritable: true });
        Assert.Equal([1, 0], [Memory.Read(_at), Memory.Read(_at + Page)]);
    }

    [Fact]
    public void A_huge_page_is_copied_on_write_after_a_fork()
    {
        Need(MemoryFeature.Fork);
        MakeHuge();
        using VirtualMemory child = Memory.Fork();
        ForgetEvents();
        Memory.Write(_at + Page, 2);
        Assert.Equal(1, child.Read(_at + Page));
        child.Write(_at + (3 * Page), 3);
        Assert.Equal([2, 0], [Memory.Read(_at + Page), Memory.Read(_at + (3 * Page))]);
    }

    [Fact]
    public void A_huge_page_goes_to_a_device_and_comes_back()
    {
        Need(MemoryFeature.PrivateMigration);
        MakeHuge();
        Assert.Equal(512, Memory.MoveTo(_device, _at, 512, inBlocks: true));
        Assert.Equal(PageState.DevicePrivate, Memory.PageOf(_at + (511 * Page)).State);
        Assert.Equal(1, Memory.Read(_at + Page));
        Memory.MoveTo(_device, _at, 512); // What has come back: a page, or all.
        Assert.Equal(PageState.DevicePrivate, Memory.PageOf(_at + Page).State);
        Assert.Equal(512, Memory.MoveBack(_device, _at, 512));
        Assert.Equal(1, Memory.Read(_at + Page));
        Assert.Equal(1024, _device.FreePages);
    }

    [Fact]
    public void A_huge_page_of_a_device_is_one_entry_until_one_of_its_pages_comes_back()
    {
        Need(MemoryFeature.PrivateMigration);
        MakeHuge();
        Assert.Equal(512, Memory.MoveTo(_device, _at, 512, inBlocks: true));
        Assert.Equal(512, CountWhole());
        Assert.Equal(1, Memory.Read(_at + Page));
        Assert.Equal(0, CountWhole());
    }

    [Fact]
    public void A_huge_page_goes_in_small_ones_where_the_device_has_no_huge_one()
    {
        Need(MemoryFeature.PrivateMigration);
        MakeHuge();
        using (PageMigration migration = Collect(MigrateSelect.System))
        {
            Assert.Equal(9, migration.Pages[0].Order);
            migration.Pages[0].Order = 0;
            foreach (ref MigratePage page in migration.Pages)
            {
                Assert.True(page.CanMove);
                Assert.True(_device.TryAllocate(out ulong frame));
                page.DestinationFrame = frame;
            }

            migration.Copy();
            Assert.Equal(512, migration.Finish());
        }

        Assert.Equal((PageState.DevicePrivate, (byte)0), (Memory.PageOf(_at).State, Memory.PageOf(_at).Order));
        Assert.Equal(1, Memory.Read(_at + Page));
    }

    [Fact]
    public void A_huge_page_that_is_split_and_goes_nowhere_stays()
    {
        Need(MemoryFeature.PrivateMigration);
        MakeHuge();
        using (PageMigration migration = Collect(MigrateSelect.System))
        {
            migration.Pages[0].Order = 0;
            Assert.True(_device.TryAllocate(out ulong frame));
            migration.Pages[7].DestinationFrame = frame;
            migration.Copy();
            Assert.Equal(1, migration.Finish());
        }

        Assert.Equal(
            [PageState.Present, PageState.DevicePrivate], [Memory.PageOf(_at).State, Memory.PageOf(_at + (7 * Page)).State]);
        Assert.Equal([1, 0], [Memory.Read(_at + Page), Memory.Read(_at + (7 * Page))]);
    }

    [Fact]
    public void A_huge_page_comes_back_in_small_ones_where_the_system_has_no_huge_one()
    {
        Need(MemoryFeature.PrivateMigration);
        MakeHuge();
        Assert.Equal(512, Memory.MoveTo(_device, _at, 512, inBlocks: true));
        using (PageMigration migration = Collect(MigrateSelect.DevicePrivate))
        {
            migration.Pages[0].Order = 0;
            foreach (ref MigratePage page in migration.Pages)
                page.IsToSystem = page.CanMove;
            migration.Copy();
            Assert.Equal(512, migration.Finish());
        }

        Assert.Equal((PageState.Present, (byte)0), (Memory.PageOf(_at).State, Memory.PageOf(_at).Order));
        Assert.Equal(1, Memory.Read(_at + Page));
        Assert.Equal(1024, _device.FreePages);
    }

    [Fact]
    public void A_block_of_which_nothing_exists_goes_as_a_whole_and_so_does_one_of_zeros()
    {
        Need(MemoryFeature.PrivateMigration);
        Assert.Equal(512, Memory.MoveTo(_device, _at, 512, inBlocks: true));
        Assert.Equal(512, CountWhole());
        Assert.Equal(512, Memory.MoveBack(_device, _at, 512));
        Assert.Equal(0, Memory.Read(_at + Page));
        Memory.Unmap(_at, HugeBytes);
        ulong at = Memory.MapHuge();
        Memory.Read(at);
        Assert.Equal(512, Memory.MoveTo(_device, at, 512, inBlocks: true));
        Assert.Equal(0, Memory.Read(at + HugeBytes - 1));
    }

    [Fact]
    public void Single_pages_inside_a_huge_page_can_be_taken_for_a_device()
    {
        Need(MemoryFeature.Exclusive);
        MakeHuge();
        Memory.Write(_at + (3 * Page), 3);
        ulong[] frames = new ulong[2];
        Assert.Equal(Errno.None, Memory.MakeExclusive(PageRange(_at + (2 * Page), 2), _device.Owner, frames));
        Assert.DoesNotContain(0UL, frames);
        PageState[] expected = [PageState.Present, PageState.DeviceExclusive, PageState.DeviceExclusive, PageState.Present];
        Assert.Equal(expected, Enumerable.Range(1, 4).Select(i => Memory.PageOf(_at + ((ulong)i * Page)).State));
        Assert.Equal(Errno.None, Memory.WriteFrame(frames[1], 0, [4]));
        Assert.Equal([1, 4], [Memory.Read(_at + Page), Memory.Read(_at + (3 * Page))]);
        Assert.Equal(PageState.DeviceExclusive, Memory.PageOf(_at + (2 * Page)).State);
    }

    [Fact]
    public void A_page_of_a_huge_page_of_a_device_comes_back_before_it_is_taken_exclusively()
    {
        Need(MemoryFeature.Exclusive);
        MakeHuge();
        Assert.Equal(512, Memory.MoveTo(_device, _at, 512, inBlocks: true));
        ulong[] frames = new ulong[1];
        Assert.Equal(Errno.None, Memory.MakeExclusive(PageRange(_at + Page, 1), new object(), frames));
        Assert.Equal(0, CountWhole());
        Assert.Equal(PageState.DeviceExclusive, Memory.PageOf(_at + Page).State);
        Assert.Equal(1, Memory.Read(_at + Page));
    }

    private PageMigration Collect(MigrateSelect select)
    {
        var migration = new PageMigration(Memory, PageRange(_at, 512), select, _device.Owner);
        Assert.Equal(Errno.None, migration.Collect());
        return migration;
    }

    private int CountWhole()
    {
        var entries = new PageEntry[512];
        Assert.Equal(Errno.None, Memory.GetPages(PageRange(_at, 512), entries));
        return entries.Count(entry => entry is { State: PageState.DevicePrivate, Order: 9 });
    }

    private void MakeHuge()
    {
        Memory.Write(_at + Page, 1);
        Assert.SkipWhen(Memory.PageOf(_at).Order != 9, "The machine has no huge page free now.");
    }
}
