using MmuNotifier.Hmm;
using static MmuNotifier.MemoryContract.VirtualMemoryExtensions;

namespace MmuNotifier.Simulation.Tests;

public sealed class MappingTests : IDisposable
{
    private const ulong Page = 4096;
    private const ulong At = 0x4000_0000_0000;

    private readonly SimulatedMemory _memory = new();

    public void Dispose()
    {
        _memory.Dispose();
        Assert.Equal(_memory.Machine.Options.Frames - (_memory.Machine.Options.HugeTlbPages * 512), _memory.Machine.FreeFrames);
    }

    [Fact]
    public void Places_come_from_the_top_and_neighbours_join()
    {
        ulong first = _memory.MapPages(2);
        ulong second = _memory.MapPages(3);
        Assert.Equal(first - (3 * Page), second);
        Assert.Equal(["0+5 Read, Write"], _memory.Layout(second));
    }

    [Theory]
    [InlineData(At + Page, Page, MapFlags.Private | MapFlags.Fixed | MapFlags.HugeTlb, Errno.InvalidArgument)]
    [InlineData(0, 1UL << 40, MapFlags.Private | MapFlags.HugeTlb, Errno.NoMemory)]
    public void Refuses_huge_pages_as_mmap_does(ulong address, ulong length, MapFlags flags, Errno expected)
    {
        Assert.Equal(expected, _memory.Map(address, length, ReadWrite, flags, out ulong mapped));
        Assert.Equal(0UL, mapped);
    }

    [Fact]
    public void Frames_run_out()
    {
        using var memory = new SimulatedMemory(new SimulatedMachine(new SimulatedMachineOptions { Frames = 1024, HugeTlbPages = 0 }));
        ulong at = memory.MapPages(2000);
        for (ulong i = 0; i < 1024; i++)
            Assert.Equal(Errno.None, memory.Write(at + (i * Page), 1));
        Assert.Equal(Errno.NoMemory, memory.Write(at + (1024 * Page), 1));
        memory.Unmap(at, Page);
        Assert.Equal(Errno.None, memory.Write(at + (1024 * Page), 1));
    }

    [Fact]
    public void Exit_is_told_and_all_frames_go()
    {
        var memory = new SimulatedMemory();
        memory.Write(memory.MapPages(1), 1);
        var recorder = new EventRecorder(memory.Space);
        memory.Dispose();
        memory.Dispose();
        Assert.StartsWith("Release", Assert.Single(recorder.Take(0)), StringComparison.Ordinal);
        Assert.Empty(memory.GetMappings());
    }

    [Fact]
    public void A_stale_frame_reads_as_poison_and_is_counted()
    {
        ulong at = _memory.MapPages(1);
        _memory.Write(at, 1);
        ulong frame = _memory.PageOf(at).Frame;
        _memory.Unmap(at, Page);
        var bytes = new byte[1];
        Assert.Equal(Errno.BadAddress, _memory.ReadFrame(frame, 0, bytes));
        Assert.Equal(0x6b, bytes[0]);
        Assert.Equal(1, _memory.Machine.StaleFrameAccesses);
    }

    [Fact]
    public void The_same_calls_give_the_same_addresses_frames_and_events() => Assert.Equal(Run(), Run());

    private static string[] Run()
    {
        using var memory = new SimulatedMemory();
        var recorder = new EventRecorder(memory.Space);
        var random = new Random(7);
        var log = new List<string>();
        for (int i = 0; i < 2000; i++)
        {
            ulong place = At + ((ulong)random.Next(64) * Page);
            ulong length = (ulong)random.Next(1, 16) * Page;
            Errno error = random.Next(6) switch
            {
                0 => memory.Map(place, length, ReadWrite, MapFlags.Private | MapFlags.Fixed, out _),
                1 => memory.Unmap(place, length),
                2 => memory.Protect(place, length, random.Next(2) == 0 ? Protection.Read : ReadWrite),
                3 => memory.Advise(place, length, Advice.DontNeed),
                4 => memory.Remap(
                    place, length, length, RemapFlags.MayMove | RemapFlags.Fixed, out _, At + ((ulong)random.Next(64, 128) * Page)),
                _ => memory.Write(place, 1),
            };
            log.Add($"{error} {memory.PageOf(place)} {string.Join(",", recorder.Take(At))}");
        }

        log.AddRange(memory.Layout(0));
        return [.. log];
    }
}
