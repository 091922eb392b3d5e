using MmuNotifier.Linux;
using MmuNotifier.Processes.Tests.Cores;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Watch;

/// <summary>What a program does while it is let go.</summary>
[Collection(PtraceGroup.Name)]
public sealed class LettingGoTests
{
    private const ulong LowAddress = 0x100000;
    private const int TwoPages = 8192;
    private const int SharedAnonymous = 0x21;
    private const int SixMebibytes = 6 << 20;

    [Fact]
    public void Nothing_is_registered_any_more_when_its_userfaultfd_is_closed()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        int processId = (int)child.Call("os.getpid()");
        child.Call("anon(8192)");
        string registered = "?";

        LetGo(processId, step =>
        {
            if (step == "unregister")
                registered = RegisteredMappings(processId);
        });

        Assert.Equal("", registered);
    }

    [Fact]
    public void It_can_move_a_large_mapping_as_a_whole_at_every_step()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        int processId = (int)child.Call("os.getpid()");
        ulong memory = child.Address($"anon({SixMebibytes}, {SharedAnonymous})");
        child.Call($"fill({memory}, 1, {SixMebibytes})");
        var moved = new List<ulong>();

        LetGo(processId, step =>
        {
            if (step is not ("unprotect" or "unregister") || moved.Count == 100)
                return;
            memory = child.Address($"mremap({memory}, {SixMebibytes}, {SixMebibytes}, 1)");
            moved.Add(memory);
        });

        Assert.NotEmpty(moved);
        Assert.All(moved, address => Assert.NotEqual(ulong.MaxValue, address));
        Assert.Equal(1, child.Call($"read({memory + SixMebibytes - 1})"));
    }

    [Theory]
    [InlineData("unprotect")]
    [InlineData("unregister")]
    public void It_may_end_at_every_step(string lastStep)
    {
        using PythonChild child = LiveProcessTests.StartChild();
        int processId = (int)child.Call("os.getpid()");
        bool isKilled = false;

        LetGo(processId, step =>
        {
            if (step != lastStep || isKilled)
                return;
            isKilled = true;
            SuddenDeath.Of(processId);
        });

        Assert.True(isKilled, $"there was no step '{lastStep}'");
    }

    /// <summary>
    /// The protected page would stay marked, without a registration, and the next watch would take it for one that was not written since.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void A_page_that_is_moved_to_where_protection_was_taken_away_is_not_left_protected(int times)
    {
        using PythonChild child = LiveProcessTests.StartChild();
        int processId = (int)child.Call("os.getpid()");
        ulong place = child.Address($"libc.mmap({LowAddress}, {TwoPages}, 3, 0x100022, -1, 0)");
        Assert.Equal(LowAddress, place);
        child.Call($"fill({place}, 1, {TwoPages})");
        var movable = new Stack<ulong>();
        for (int i = 0; i < 10; i++)
        {
            movable.Push(child.Address($"anon({TwoPages}, {SharedAnonymous})"));
            child.Call($"fill({movable.Peek()}, {i + 2}, {TwoPages})");
        }

        bool isNext = true;
        int moves = 0;
        LetGo(processId, step =>
        {
            // The first that is unprotected in each attempt is the lowest.
            if (step == "unprotect" && isNext && moves < times && movable.TryPop(out ulong from))
            {
                Assert.Equal((long)place, child.Call($"libc.syscall(25, {from}, {TwoPages}, {TwoPages}, 3, {place}, 0)"));
                moves++;
            }

            isNext = step == "unregister";
        });

        Assert.InRange(moves, 1, times);
        Assert.Equal(12 - moves, child.Call($"read({place})"));
        Assert.Equal("", RegisteredMappings(processId));
        AssertUnprotected(processId, place);
    }

    [Theory]
    [InlineData("PAGEMAP_SCAN", 12, 1)]
    [InlineData("PAGEMAP_SCAN", 12, int.MaxValue)]
    [InlineData("UFFDIO_WRITEPROTECT", 11, 1)]
    [InlineData("UFFDIO_WRITEPROTECT", 2, 1)]
    [InlineData("UFFDIO_WRITEPROTECT", 2, int.MaxValue)]
    [InlineData("UFFDIO_REGISTER", 22, int.MaxValue)]
    [InlineData("UFFDIO_UNREGISTER", 12, int.MaxValue)]
    public void A_call_that_fails_leaves_nothing_protected_or_registered(string failing, int error, int times)
    {
        using PythonChild child = LiveProcessTests.StartChild();
        int processId = (int)child.Call("os.getpid()");
        ulong memory = child.Address($"anon({TwoPages}, {SharedAnonymous})");
        child.Call($"fill({memory}, 1, {TwoPages})");
        bool isLettingGo = false;
        int failed = 0;
        using (new ThreadFaults(call => isLettingGo && call == failing && failed++ < times ? error : 0))
            LetGo(processId, _ => { }, () => isLettingGo = true);

        Assert.NotEqual(0, failed);
        Assert.Equal("", RegisteredMappings(processId));
        AssertUnprotected(processId, memory);
    }

    [Fact]
    public void Without_time_it_is_left_to_the_closing_and_nothing_is_protected_or_registered()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        int processId = (int)child.Call("os.getpid()");
        ulong memory = child.Address($"anon({TwoPages}, {SharedAnonymous})");
        child.Call($"fill({memory}, 1, {TwoPages})");
        var steps = new List<string>();
        using var watcher = new ProcessWatcher { LettingGoLimit = TimeSpan.FromTicks(-1), AfterStep = steps.Add };
        WatchedProcess watch = watcher.Attach(processId);
        Assert.True(watch.Refresh(MemorySharing.Unknown));
        var armed = new List<PageRegion>();
        Assert.Equal(PageMapStatus.Complete, watch.PageMap.ArmWritten(memory, memory + TwoPages - 1, armed));
        Assert.NotEmpty(armed);
        steps.Clear();

        watcher.Release(watch);

        Assert.DoesNotContain(steps, step => step is "unprotect" or "unregister");
        Assert.Equal("", RegisteredMappings(processId));
        AssertUnprotected(processId, memory);
    }

    /// <summary>Arms all of its memory, and lets it go.</summary>
    private static void LetGo(int processId, Action<string> afterStep, Action? beforeLettingGo = null)
    {
        bool isLettingGo = false;
        using (LiveProcess process = LiveProcess.Attach(processId, step =>
        {
            if (isLettingGo)
                afterStep(step);
        }))
        {
            using WriteTracker writes = process.TrackWrites();
            writes.Take();
            isLettingGo = true;
            beforeLettingGo?.Invoke();
        }
    }

    private static void AssertUnprotected(int processId, ulong twoPages)
    {
        using PageMap pageMap = PageMap.Open(processId, out _)!;
        ulong[] entries = new ulong[2];
        Assert.True(pageMap.ReadEntries(twoPages, entries));
        Assert.All(entries, entry => Assert.Equal(0UL, entry & (1UL << 57)));
    }

    private static string RegisteredMappings(int processId)
    {
        string mapping = "";
        var registered = new List<string>();
        foreach (string line in File.ReadLines($"/proc/{processId}/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
                mapping = line;
            else if (line.StartsWith("VmFlags:", StringComparison.Ordinal) && line.Split(' ').Any(flag => flag is "uw" or "um"))
                registered.Add(mapping);
        }

        return string.Join('\n', registered);
    }
}
