using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation.Tests;

public sealed class AdvisingTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly SimulatedMemory _memory = new();
    private readonly EventRecorder _recorder;
    private readonly ulong _at;

    public AdvisingTests()
    {
        _at = _memory.MapPages(3);
        for (ulong i = 0; i < 3; i++)
            _memory.Write(_at + (i * Page), (byte)(i + 1));
        _recorder = new EventRecorder(_memory.Space);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Dont_need_drops_the_pages()
    {
        Assert.Equal(Errno.None, _memory.Advise(_at + Page, Page, Advice.DontNeed));
        Assert.Equal(["Clear 1+1"], _recorder.Take(_at));
        Assert.Equal(0, _memory.Read(_at + Page));
        Assert.Equal(1, _memory.Read(_at));
    }

    [Fact]
    public void A_hole_is_told_but_does_not_stop_it()
    {
        _memory.Unmap(_at + Page, Page);
        _recorder.Take(_at);
        Assert.Equal(Errno.NoMemory, _memory.Advise(_at, 3 * Page, Advice.DontNeed));
        Assert.Equal(["Clear 0+1", "Clear 2+1"], _recorder.Take(_at));
    }

    [Fact]
    public void Freed_pages_keep_their_content_until_reclaim_and_a_write_keeps_them()
    {
        Assert.Equal(Errno.None, _memory.Advise(_at, 2 * Page, Advice.Free));
        Assert.Equal(["Clear 0+2"], _recorder.Take(_at));
        Assert.Equal(1, _memory.Read(_at));
        _memory.Write(_at + Page, 8);
        _memory.ReclaimLazilyFreed();
        Assert.Equal(["Clear 0+1"], _recorder.Take(_at));
        Assert.Equal(0, _memory.Read(_at));
        Assert.Equal(8, _memory.Read(_at + Page));
    }

    [Fact]
    public void Remove_needs_shared_memory()
    {
        using MemoryFile file = _memory.CreateFile(2 * Page);
        ulong shared = _memory.MapPages(2, MapFlags.Shared, file: file);
        ulong privately = _memory.MapPages(2, MapFlags.Private, file: file);
        _memory.Write(shared, 1);
        _memory.Write(shared + Page, 2);
        Assert.Equal(1, _memory.Read(privately));
        _recorder.Take(_at);
        Assert.Equal(Errno.None, _memory.Advise(shared, Page, Advice.Remove));
        long distance = ((long)privately - (long)shared) / 4096;
        Assert.Equal([$"Clear {distance}+1", "Clear 0+1"], _recorder.Take(shared));
        Assert.Equal(0, _memory.Read(shared));
        Assert.Equal(0, _memory.Read(privately));
        Assert.Equal(2, _memory.Read(shared + Page));
        Assert.Equal(Errno.AccessDenied, _memory.Advise(privately, Page, Advice.Remove));
        Assert.Equal(Errno.InvalidArgument, _memory.Advise(_at, Page, Advice.Remove));
    }

    [Fact]
    public void Populate_needs_mappings_that_permit_it()
    {
        ulong at = _memory.MapPages(2, MapFlags.Private, Protection.Read);
        Assert.Equal(Errno.None, _memory.Advise(at, 2 * Page, Advice.PopulateRead));
        Assert.Equal(PageState.Zero, _memory.PageOf(at + Page).State);
        Assert.Equal(Errno.InvalidArgument, _memory.Advise(at, Page, Advice.PopulateWrite));
        _memory.Unmap(at, Page);
        Assert.Equal(Errno.NoMemory, _memory.Advise(at, 2 * Page, Advice.PopulateRead));
        using MemoryFile file = _memory.CreateFile(Page);
        ulong mapped = _memory.MapPages(2, file: file);
        Assert.Equal(Errno.BadAddress, _memory.Advise(mapped, 2 * Page, Advice.PopulateRead));
    }

    [Theory]
    [InlineData(1, Page, Advice.DontNeed, Errno.InvalidArgument)]
    [InlineData(0, Page, (Advice)99, Errno.InvalidArgument)]
    [InlineData(0, ulong.MaxValue, Advice.DontNeed, Errno.InvalidArgument)]
    [InlineData(0, 0, Advice.DontNeed, Errno.None)]
    public void Refuses_as_madvise_does(ulong offset, ulong length, Advice advice, Errno expected) =>
        Assert.Equal(expected, _memory.Advise(_at + offset, length, advice));

    [Fact]
    public void Free_and_wipe_are_for_private_anonymous_memory()
    {
        ulong shared = _memory.MapPages(1, MapFlags.Shared);
        Assert.Equal(Errno.InvalidArgument, _memory.Advise(shared, Page, Advice.Free));
        Assert.Equal(Errno.InvalidArgument, _memory.Advise(shared, Page, Advice.WipeOnFork));
    }

    [Fact]
    public void Children_do_not_get_or_find_empty_what_was_advised_so()
    {
        _memory.Advise(_at, Page, Advice.DontFork);
        _memory.Advise(_at + Page, Page, Advice.WipeOnFork);
        using VirtualMemory child = _memory.Fork();
        Assert.Equal(Errno.BadAddress, child.TryRead(_at));
        Assert.Equal(0, child.Read(_at + Page));
        Assert.Equal(3, child.Read(_at + (2 * Page)));
    }

    [Fact]
    public void Collapse_makes_a_huge_page()
    {
        ulong at = _memory.MapPages(512, MapFlags.Private | MapFlags.Fixed, at: 0x4000_0000_0000);
        Assert.Equal(Errno.InvalidArgument, _memory.Advise(at, PageTable.HugeBytes, Advice.Collapse));
        _memory.Write(at + Page, 5);
        Assert.Equal(Errno.None, _memory.Advise(at, PageTable.HugeBytes, Advice.Collapse));
        Assert.Contains("Clear 0+512", _recorder.Take(at));
        Assert.Equal(9, _memory.PageOf(at).Order);
        Assert.Equal(5, _memory.Read(at + Page));
    }
}
