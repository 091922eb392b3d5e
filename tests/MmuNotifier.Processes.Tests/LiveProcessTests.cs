using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

[Collection(PtraceGroup.Name)]
public sealed class LiveProcessTests
{
    private const int SignalKill = 9;

    [Fact]
    public void What_the_process_does_to_its_memory_comes_as_invalidations()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(8192)");
        using LiveProcess process = Attach(child);
        var events = new Events(process.Space);

        child.Call($"munmap({address}, 4096)");
        AddressRange unmapped = AddressRange.FromLength(address, 4096);
        Patience.Until(() => events.Has(InvalidationEvent.Unmap, unmapped), "the event of munmap");
        child.Call($"madvise({address + 4096}, 4096, 4)");
        Patience.Until(() => events.Has(InvalidationEvent.Clear, AddressRange.FromLength(address + 4096, 4096)), "the event of madvise");

        Assert.False(process.HasExited);
        Assert.Null(process.Failure);
        Assert.Null(process.ExitCode);
    }

    [Fact]
    public void What_the_kernel_reports_comes_as_it_is_with_the_place_that_memory_was_moved_to()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(40960)");
        using LiveProcess process = Attach(child);
        var changes = new List<MemoryChange>();
        process.MemoryChanged += change =>
        {
            lock (changes)
                changes.Add(change);
        };

        child.Call($"munmap({address}, 4096)");
        child.Call($"madvise({address + 4096}, 4096, 4)");
        ulong moved = child.Address($"libc.mremap({address + 8192}, 8192, 1 << 20, 1)");
        child.Call("kill(fork_waiting())");

        Patience.Until(() => Has(MemoryChangeKind.Moved), "the event of mremap");
        Assert.True(process.AttachStop > TimeSpan.Zero);
        AddressRange from = AddressRange.FromLength(address + 8192, 8192);
        Assert.Contains(new MemoryChange(MemoryChangeKind.Unmapped, AddressRange.FromLength(address, 4096)), Changes());
        Assert.Contains(new MemoryChange(MemoryChangeKind.Dropped, AddressRange.FromLength(address + 4096, 4096)), Changes());
        Assert.Contains(new MemoryChange(MemoryChangeKind.Moved, from, AddressRange.FromLength(moved, 8192)), Changes());
        if (Environment.IsPrivilegedProcess)
            Patience.Until(() => Changes().Contains(new MemoryChange(MemoryChangeKind.Forked, AddressRange.Whole)), "the event of fork");

        bool Has(MemoryChangeKind kind) => Changes().Exists(change => change.Kind == kind);

        List<MemoryChange> Changes()
        {
            lock (changes)
                return [.. changes];
        }
    }

    [Fact]
    public void A_launched_program_was_not_stopped_and_can_have_no_streams()
    {
        RequireSupport();
        using LiveProcess process = LiveProcess.Launch(
            "sh", ["-c", "for i in 0 1 2; do [ /proc/self/fd/$i -ef /dev/null ] || exit 1; done"], ProgramStreams.Discarded);
        Assert.Equal(TimeSpan.Zero, process.AttachStop);
        process.Start();
        Assert.True(process.WaitForExit(Patience.Limit));
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public void Its_space_exits_when_it_ends_and_every_member_says_so()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(4096)");
        using LiveProcess process = Attach(child);
        using WriteTracker writes = process.TrackWrites();

        Tools.Signal(process.ProcessId, SignalKill);

        Patience.Until(() => process.HasExited, "the exit of the space");
        Assert.True(process.WaitForExit(Patience.Limit));
        AssertIsOver(process, writes, address);
    }

    /// <summary>Nobody calls a member: an exec makes no descriptor readable.</summary>
    [Fact]
    public void Its_space_exits_when_it_executes_another_program_and_nothing_of_that_is_read()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(4096)");
        using LiveProcess process = Attach(child);
        using WriteTracker writes = process.TrackWrites();

        child.Begin("execute()");

        Patience.Until(() => process.HasExited, "the exit of the space");
        Assert.False(process.WaitForExit(TimeSpan.Zero));
        AssertIsOver(process, writes, address);
        Tools.Signal(process.ProcessId, SignalKill);
    }

    [Theory]
    [InlineData("read mappings")]
    [InlineData("register")]
    [InlineData("read memory")]
    [InlineData("unregister")]
    public void It_may_end_at_every_step(string lastStep)
    {
        RequireSupport();
        using PythonChild child = PythonChild.StartBehindShell();
        int processId = (int)child.Call("os.getpid()");
        ulong address = child.Address("anon(4096)");
        bool isKilled = false;
        void Kill(string step)
        {
            if (step != lastStep || isKilled)
                return;
            isKilled = true;
            Tools.Signal(processId, SignalKill);
            Patience.Until(() => ProcessStatus.ReadWithoutStart(processId) is not { IsDead: false }, "the end of the process");
        }

        try
        {
            using LiveProcess process = LiveProcess.Attach(processId, Kill);
            ReadOutcome outcome = process.Read(address, new byte[16], out int read);
            // What was read before it ended may be handed out.
            Assert.True(outcome is ReadOutcome.Complete or ReadOutcome.Exited, $"{outcome}");
            Assert.Equal(outcome == ReadOutcome.Complete ? 16 : 0, read);
        }
        catch (ProcessAttachException exception)
        {
            Assert.Contains($"Process {processId}", exception.Message, StringComparison.Ordinal);
        }

        Assert.True(isKilled, $"there was no step '{lastStep}'");
    }

    [Fact]
    public void A_program_is_launched_stopped_and_its_exit_code_is_known()
    {
        RequireSupport();
        using LiveProcess process = LiveProcess.Launch("sh", ["-c", "exit 7"]);
        Assert.NotEmpty(process.GetMappings());
        Assert.False(process.WaitForExit(TimeSpan.Zero));
        Assert.Null(process.ExitCode);
        Assert.Throws<InvalidOperationException>(() => process.Freeze(Patience.Limit));
        Assert.Throws<InvalidOperationException>(() => process.WriteCore("/nowhere/core"));

        process.Start();
        process.Start();

        Assert.True(process.WaitForExit(Patience.Limit));
        Assert.Equal(7, process.ExitCode);
        Patience.Until(() => process.HasExited, "the exit of the space");
    }

    [Fact]
    public void A_launched_program_that_is_let_go_runs_on()
    {
        RequireSupport();
        string folder = Directory.CreateTempSubdirectory("mmun-launch").FullName;
        string file = Path.Combine(folder, "done");
        LiveProcess process = LiveProcess.Launch("sh", ["-c", $"touch {file}"]);

        process.Dispose();

        Patience.Until(() => File.Exists(file), "the program's file");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_is_wrong_with_a_process_is_said_with_what_to_do()
    {
        RequireSupport();
        ProcessAttachException own = Assert.Throws<ProcessAttachException>(() => LiveProcess.Attach(Environment.ProcessId));
        Assert.Contains("run this in a second process", own.Message, StringComparison.Ordinal);
        ProcessAttachException none = Assert.Throws<ProcessAttachException>(() => LiveProcess.Attach(int.MaxValue));
        Assert.Contains("look for the right number", none.Message, StringComparison.Ordinal);
        ProcessAttachException program = Assert.Throws<ProcessAttachException>(() => LiveProcess.Launch("/nowhere/program"));
        Assert.Contains("/nowhere/program", program.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LiveProcess.Launch(""));
    }

    /// <summary>
    /// Memory belongs to one userfaultfd, so the second one sees less, and says so; it harms neither the first nor the process.
    /// </summary>
    [Fact]
    public void Of_two_that_watch_one_process_the_second_says_what_it_cannot_see()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(8192)");
        child.Call($"write({address}, 5)");
        using LiveProcess first = Attach(child);
        using LiveProcess second = LiveProcess.Attach(first.ProcessId);

        Assert.Null(MappingAt(first, address).NotSeen);
        Assert.Contains("EBUSY", MappingAt(second, address).NotSeen, StringComparison.Ordinal);
        byte[] bytes = new byte[1];
        Assert.Equal(ReadOutcome.NotWhileRunning, second.Read(address, bytes, out _));
        using (FrozenProcess frozen = second.Freeze(Patience.Limit))
        {
            Assert.Equal(ReadOutcome.Complete, frozen.Read(address, bytes, out _));
            Assert.Equal(5, bytes[0]);
            // A read could make the page, for which the program may want to be asked.
            Assert.Equal(ReadOutcome.Unreadable, frozen.Read(address + 4096, bytes, out _));
        }

        first.Dispose();
        // A refusal is asked about again when the mappings have changed.
        child.Call("anon(1 << 20, 0x21)");
        Assert.Null(MappingAt(second, address).NotSeen);
        Assert.Equal(5, child.Call($"read({address})"));
    }

    [Fact]
    public void After_it_is_disposed_every_member_throws_and_the_process_is_as_before()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(4096)");
        LiveProcess process = Attach(child);
        WriteTracker writes = process.TrackWrites();
        FrozenProcess frozen = process.Freeze(Patience.Limit);

        process.Dispose();
        process.Dispose();

        Assert.True(frozen.IsOver);
        Assert.True(process.HasExited);
        Assert.Throws<ObjectDisposedException>(() => process.GetMappings());
        Assert.Throws<ObjectDisposedException>(() => process.Refresh());
        Assert.Throws<ObjectDisposedException>(() => process.Read(address, new byte[1], out _));
        Assert.Throws<ObjectDisposedException>(() => process.Freeze(Patience.Limit));
        Assert.Throws<ObjectDisposedException>(() => process.TrackWrites());
        Assert.Throws<ObjectDisposedException>(() => process.WriteCore("/nowhere/core"));
        Assert.Throws<ObjectDisposedException>(() => process.WaitForExit(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => writes.Take());
        Assert.Throws<ObjectDisposedException>(() => frozen.GetThreads());
        writes.Dispose();
        frozen.Dispose();
        Assert.Equal(0, child.Call($"write({address}, 1)"));
        Assert.DoesNotContain(" uw", File.ReadAllText($"/proc/{process.ProcessId}/smaps"), StringComparison.Ordinal);
        Assert.Equal(0, ProcessStatus.ReadWithoutStart(process.ProcessId)!.TracerId);
    }

    [Fact]
    public void A_callback_that_calls_the_process_gets_an_exception_instead_of_a_deadlock()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(8192)");
        using LiveProcess process = Attach(child);
        var caught = new List<Exception?>();
        process.Space.Insert(AddressRange.FromLength(address, 8192), (in Invalidation _) =>
        {
            lock (caught)
            {
                caught.Add(Record.Exception(() => process.Refresh()));
                caught.Add(Record.Exception(process.Dispose));
            }

            return InvalidateResult.Done;
        });

        child.Call($"munmap({address}, 4096)"); // Comes on the event reader's thread.
        Patience.Until(() => Count() == 2, "the callback");
        using WriteTracker writes = process.TrackWrites();
        child.Call($"write({address + 4096}, 1)");
        writes.Take(); // Comes on this thread.

        Assert.True(Count() >= 4);
        Assert.All(caught, exception => Assert.IsType<InvalidOperationException>(exception));
        Assert.True(process.Refresh());

        int Count()
        {
            lock (caught)
                return caught.Count;
        }
    }

    [Fact]
    public void A_second_call_at_the_same_time_throws()
    {
        RequireSupport();
        using PythonChild child = PythonChild.StartBehindShell();
        LiveProcess? process = null;
        Exception? second = null;
        using LiveProcess attached = LiveProcess.Attach((int)child.Call("os.getpid()"), step =>
        {
            if (step != "read mappings" || process is not { } inside || second is not null)
                return;
            var other = new Thread(() => second = Record.Exception(() => inside.Refresh()));
            other.Start();
            other.Join();
        });
        process = attached;

        Assert.True(process.Refresh());

        Assert.IsType<InvalidOperationException>(second);
        Assert.Contains("one call at a time", second.Message, StringComparison.Ordinal);
    }

    /// <summary>The process waits in munmap for the callback; disposing lets it go although the callback does not return.</summary>
    [Fact]
    public void A_callback_that_does_not_return_keeps_nobody_from_letting_the_process_go()
    {
        using PythonChild child = StartChild();
        ulong address = child.Address("anon(8192)");
        LiveProcess process = Attach(child);
        using var hold = new ManualResetEventSlim();
        using var isInside = new ManualResetEventSlim();
        process.Space.Insert(AddressRange.FromLength(address, 8192), (in Invalidation invalidation) =>
        {
            if (invalidation.Event == InvalidationEvent.Unmap)
            {
                isInside.Set();
                hold.Wait();
            }

            return InvalidateResult.Done;
        });
        child.Begin($"munmap({address}, 4096) + munmap({address + 4096}, 4096)");
        Assert.True(isInside.Wait(Patience.Limit, TestContext.Current.CancellationToken));

        process.Dispose();

        Assert.Equal(0, child.End());
        hold.Set();
    }

    internal static LiveProcess Attach(PythonChild child)
    {
        RequireSupport();
        return LiveProcess.Attach((int)child.Call("os.getpid()"));
    }

    internal static PythonChild StartChild()
    {
        RequireSupport();
        return PythonChild.StartBehindShell();
    }

    internal static LiveMapping MappingAt(LiveProcess process, ulong address) =>
        process.GetMappings().Single(mapping => mapping.Range.Contains(address));

    internal static void RequireSupport()
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
    }

    private static void AssertIsOver(LiveProcess process, WriteTracker writes, ulong address)
    {
        Assert.Equal(ReadOutcome.Exited, process.Read(address, new byte[1], out int read));
        Assert.Equal(0, read);
        Assert.False(process.Refresh());
        Assert.Throws<ProcessExitedException>(() => process.GetMappings());
        Assert.Throws<ProcessExitedException>(() => writes.Take());
        Assert.Throws<ProcessExitedException>(() => process.TrackWrites());
        Assert.Throws<ProcessExitedException>(() => process.Freeze(Patience.Limit));
        Assert.Throws<CoreException>(() => process.WriteCore(Path.Combine(Path.GetTempPath(), "mmun-no-core")));
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "mmun-no-core")));
    }

    /// <summary>Notes what it is called for.</summary>
    private sealed class Events
    {
        private readonly List<(InvalidationEvent Event, AddressRange Range)> _seen = [];

        internal Events(AddressSpace space) => space.Insert(AddressRange.Whole, (in Invalidation invalidation) =>
        {
            lock (_seen)
                _seen.Add((invalidation.Event, invalidation.Overlap));
            return InvalidateResult.Done;
        });

        internal bool Has(InvalidationEvent kind, AddressRange range)
        {
            lock (_seen)
                return _seen.Exists(each => each.Event == kind && each.Range.Contains(range));
        }
    }
}
