using MmuNotifier.Hmm;
using static MmuNotifier.Simulation.Tests.MemoryExtensions;

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
    [InlineData(0, Page, MapFlags.None, 0, Errno.InvalidArgument)]
    [InlineData(0, 0, MapFlags.Private, 0, Errno.InvalidArgument)]
    [InlineData(0, Page, MapFlags.Private | MapFlags.Shared, 0, Errno.InvalidArgument)]
    [InlineData(0, Page, MapFlags.Private, 5, Errno.InvalidArgument)]
    [InlineData(0, ulong.MaxValue, MapFlags.Private, 0, Errno.NoMemory)]
    [InlineData(0, 1UL << 50, MapFlags.Private, 0, Errno.NoMemory)]
    [InlineData(At + 1, Page, MapFlags.Private | MapFlags.Fixed, 0, Errno.InvalidArgument)]
    [InlineData(0x7fff_ffff_f000, Page, MapFlags.Private | MapFlags.Fixed, 0, Errno.NoMemory)]
    [InlineData(At + Page, Page, MapFlags.Private | MapFlags.Fixed | MapFlags.HugeTlb, 0, Errno.InvalidArgument)]
    [InlineData(0, 1UL << 40, MapFlags.Private | MapFlags.HugeTlb, 0, Errno.NoMemory)]
    public void Refuses_as_mmap_does(ulong address, ulong length, MapFlags flags, ulong offset, Errno expected)
    {
        Assert.Equal(expected, _memory.Map(address, length, ReadWrite, flags, out ulong mapped, null, offset));
        Assert.Equal(0UL, mapped);
    }

    [Fact]
    public void Fixed_replaces_with_an_unmap_and_no_replace_refuses()
    {
        _memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        _memory.Write(At + Page, 1);
        var recorder = new EventRecorder(_memory.Space);
        Assert.Equal(Errno.Exists, _memory.Map(At + Page, Page, ReadWrite, MapFlags.Private | MapFlags.FixedNoReplace, out _));
        Assert.Empty(recorder.Take(At));
        _memory.MapPages(1, MapFlags.Private | MapFlags.Fixed, Protection.Read, at: At + Page);
        Assert.Equal(["Unmap 1+1"], recorder.Take(At));
        Assert.Equal(["0+1 Read, Write", "1+1 Read", "2+2 Read, Write"], _memory.Layout(At));
        Assert.Equal(0, _memory.Read(At + Page));
    }

    [Fact]
    public void A_free_hint_is_followed_and_a_taken_one_is_not()
    {
        Assert.Equal(At, _memory.MapPages(1, at: At + 5));
        Assert.NotEqual(At, _memory.MapPages(1, at: At));
    }

    [Fact]
    public void Populate_makes_the_pages()
    {
        ulong at = _memory.MapPages(2, MapFlags.Private | MapFlags.Populate);
        Assert.Equal((PageState.Present, true), (_memory.PageOf(at + Page).State, _memory.PageOf(at + Page).IsWritable));
    }

    [Fact]
    public void Unmapping_the_middle_splits_and_raises_one_event()
    {
        _memory.MapPages(5, MapFlags.Private | MapFlags.Fixed, at: At);
        var recorder = new EventRecorder(_memory.Space);
        Assert.Equal(Errno.None, _memory.Unmap(At + Page, 2 * Page));
        Assert.Equal(["Unmap 1+2"], recorder.Take(At));
        Assert.Equal(["0+1 Read, Write", "3+2 Read, Write"], _memory.Layout(At));
        Assert.Equal(Errno.None, _memory.Unmap(At + Page, Page));
        Assert.Empty(recorder.Take(At));
        Assert.Equal(Errno.BadAddress, _memory.TryRead(At + Page));
    }

    [Theory]
    [InlineData(1, Page)]
    [InlineData(0, 0)]
    [InlineData(0, ulong.MaxValue)]
    [InlineData(1UL << 60, Page)]
    public void Unmap_refuses_as_munmap_does(ulong offset, ulong length) =>
        Assert.Equal(Errno.InvalidArgument, _memory.Unmap(At + offset, length));

    [Fact]
    public void Protecting_splits_and_joins_again()
    {
        _memory.MapPages(4, MapFlags.Private | MapFlags.Fixed, at: At);
        _memory.Write(At + Page, 1);
        var recorder = new EventRecorder(_memory.Space);
        Assert.Equal(Errno.None, _memory.Protect(At + Page, 2 * Page, Protection.Read));
        Assert.Equal(["0+1 Read, Write", "1+2 Read", "3+1 Read, Write"], _memory.Layout(At));
        Assert.Equal(Errno.BadAddress, _memory.Write(At + Page, 1));
        Assert.Equal(Errno.NotPermitted, _memory.FaultIn(At + Page, isWrite: true));
        Assert.Equal(Errno.None, _memory.Protect(At, 4 * Page, ReadWrite));
        Assert.Equal(["0+4 Read, Write"], _memory.Layout(At));
        Assert.Equal(["ProtectionVma 1+2", "ProtectionVma 1+2"], recorder.Take(At));
        Assert.Equal(Errno.None, _memory.Write(At + Page, 2));
        Assert.Empty(recorder.Take(At));
    }

    [Fact]
    public void Protecting_over_a_hole_changes_the_part_before_it()
    {
        _memory.MapPages(3, MapFlags.Private | MapFlags.Fixed, at: At);
        _memory.Unmap(At + Page, Page);
        Assert.Equal(Errno.NoMemory, _memory.Protect(At, 3 * Page, Protection.Read));
        Assert.Equal(["0+1 Read", "2+1 Read, Write"], _memory.Layout(At));
        Assert.Equal(Errno.NoMemory, _memory.Protect(At + Page, Page, Protection.Read));
        Assert.Equal(Errno.InvalidArgument, _memory.Protect(At + 1, Page, Protection.Read));
        Assert.Equal(Errno.None, _memory.Protect(At + Page, 0, Protection.Read));
    }

    [Fact]
    public void Nothing_can_be_read_where_nothing_is_permitted()
    {
        ulong at = _memory.MapPages(1);
        _memory.Write(at, 1);
        _memory.Protect(at, Page, Protection.None);
        Assert.Equal(Errno.BadAddress, _memory.TryRead(at));
        Assert.Equal(Errno.BadAddress, _memory.FaultIn(at, isWrite: false));
        _memory.Protect(at, Page, Protection.Read);
        Assert.Equal(1, _memory.Read(at));
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
                4 => memory.Remap(place, length, length, RemapFlags.MayMove | RemapFlags.Fixed, out _, At + ((ulong)random.Next(64, 128) * Page)),
                _ => memory.Write(place, 1),
            };
            log.Add($"{error} {memory.PageOf(place)} {string.Join(",", recorder.Take(At))}");
        }

        log.AddRange(memory.Layout(0));
        return [.. log];
    }
}
