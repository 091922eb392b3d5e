using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.Simulation.Tests;

public sealed class FaultingTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly SimulatedMemory _memory = new();
    private readonly EventRecorder _recorder;

    public FaultingTests() => _recorder = new EventRecorder(_memory.Space);

    public void Dispose()
    {
        _memory.Dispose();
        Assert.Equal(_memory.Machine.Options.Frames - (_memory.Machine.Options.HugeTlbPages * 512), _memory.Machine.FreeFrames);
    }

    [Fact]
    public void A_read_maps_the_zero_page_and_a_write_copies_it_with_an_event()
    {
        ulong at = _memory.MapPages(1);
        Assert.Equal(0, _memory.Read(at));
        Assert.Equal(PageState.Zero, _memory.PageOf(at).State);
        Assert.Empty(_recorder.Take(at));
        _memory.Write(at, 1);
        Assert.Equal(["Clear 0+1"], _recorder.Take(at));
        Assert.True(_memory.PageOf(at).IsWritable);
    }

    [Fact]
    public void Fork_raises_nothing_over_shared_and_untouched_mappings()
    {
        ulong shared = _memory.MapPages(1, MapFlags.Shared);
        _memory.Write(shared, 1);
        _memory.MapPages(1);
        using VirtualMemory child = _memory.Fork();
        Assert.Empty(_recorder.Take(shared));
        child.Write(shared, 2);
        Assert.Equal(2, _memory.Read(shared));
        Assert.Equal(_memory.GetMappings(), child.GetMappings());
    }

    [Fact]
    public void A_write_makes_a_huge_page_where_advised_and_a_part_splits_it()
    {
        ulong at = _memory.MapHuge();
        _memory.Write(at + Page, 1);
        Assert.Equal(9, _memory.PageOf(at).Order);
        _memory.Protect(at, PageTable.HugeBytes, Protection.Read);
        Assert.Equal((false, (byte)9), (_memory.PageOf(at).IsWritable, _memory.PageOf(at).Order));
        _recorder.Take(at);
        _memory.Unmap(at + (2 * Page), Page);
        Assert.Equal(["Clear 0+512", "Unmap 2+1"], _recorder.Take(at));
        Assert.Equal(0, _memory.PageOf(at).Order);
        Assert.Equal(1, _memory.Read(at + Page));
    }

    [Fact]
    public void The_huge_zero_page_becomes_a_huge_page()
    {
        ulong at = _memory.MapHuge();
        _memory.Read(at);
        Assert.Equal((PageState.Zero, (byte)9), (_memory.PageOf(at).State, _memory.PageOf(at).Order));
        _memory.Write(at, 1);
        Assert.Equal(["Clear 0+512"], _recorder.Take(at));
        Assert.Equal((PageState.Present, (byte)9), (_memory.PageOf(at).State, _memory.PageOf(at).Order));
    }

    [Fact]
    public void A_huge_page_shared_by_a_fork_splits_before_it_is_copied()
    {
        ulong at = _memory.MapHuge();
        _memory.Write(at, 1);
        using VirtualMemory child = _memory.Fork();
        _recorder.Take(at);
        _memory.Write(at, 2);
        Assert.Equal(["Clear 0+512", "Clear 0+1"], _recorder.Take(at));
        Assert.Equal(1, child.Read(at));
    }

    [Fact]
    public void Hugetlb_pages_have_their_rules()
    {
        ulong at = _memory.MapPages(1, MapFlags.Private | MapFlags.HugeTlb);
        Assert.Equal(["0+512 Read, Write"], _memory.Layout(at));
        Assert.Equal(0, _memory.Read(at));
        PageEntry entry = _memory.PageOf(at);
        Assert.Equal((PageState.Present, false, (byte)9), (entry.State, entry.IsWritable, entry.Order));
        _memory.Write(at, 1);
        Assert.Empty(_recorder.Take(at));
        Assert.Equal(Errno.InvalidArgument, _memory.Unmap(at, Page));
        Assert.Equal(Errno.InvalidArgument, _memory.Protect(at + Page, Page, Protection.Read));
        Assert.Equal(Errno.InvalidArgument, _memory.Remap(at, PageTable.HugeBytes, 2 * PageTable.HugeBytes, RemapFlags.MayMove, out _));
        using (VirtualMemory child = _memory.Fork())
        {
            child.Write(at, 2);
            Assert.Equal(1, _memory.Read(at));
        }

        Assert.Equal(Errno.None, _memory.Unmap(at, PageTable.HugeBytes));
    }

    [Fact]
    public void Shared_hugetlb_is_shared_with_the_child_and_its_reserve_comes_back()
    {
        for (int i = 0; i < 3; i++)
        {
            ulong at = _memory.MapPages(16 * 512, MapFlags.Shared | MapFlags.HugeTlb);
            Assert.Equal(Errno.NoMemory, _memory.Map(0, PageTable.HugeBytes, ReadWrite, MapFlags.Private | MapFlags.HugeTlb, out _));
            using VirtualMemory child = _memory.Fork();
            child.Write(at, 2);
            Assert.Equal(2, _memory.Read(at));
            _memory.Unmap(at, 16 * PageTable.HugeBytes);
        }
    }
}
