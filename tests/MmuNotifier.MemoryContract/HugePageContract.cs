using MmuNotifier.Hmm;

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

    private void MakeHuge()
    {
        Memory.Write(_at + Page, 1);
        Assert.SkipWhen(Memory.PageOf(_at).Order != 9, "The machine has no huge page free now.");
    }
}
