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
