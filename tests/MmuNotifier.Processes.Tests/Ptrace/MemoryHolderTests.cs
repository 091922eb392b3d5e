using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class MemoryHolderTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void The_memory_stays_when_the_program_has_ended_and_goes_with_the_holder()
    {
        using LaunchedProgram program = ProgramLauncher.Launch(_thread, "sleep", ["0.2"]);
        MemoryHolder holder = Create(program);
        using PageMap pages = PageMap.Open(holder.ProcessId, out _)!;
        Assert.True(Kcmp.SameAddressSpace(program.ProcessId, holder.ProcessId));
        program.Stopped.Release();

        Assert.Equal(0, program.WaitForExit(Limit));
        Assert.True(holder.IsAlive);
        Assert.True(pages.IsAlive());
        int processId = holder.ProcessId;
        holder.Dispose();
        Assert.False(pages.IsAlive());
        Assert.False(Directory.Exists($"/proc/{processId}"));
    }

    [Fact]
    public void The_end_of_the_program_closes_what_it_had_open()
    {
        // The shell's output is a pipe of which nobody else may have the writing end: its reader sees the end although the memory is held.
        using LaunchedProgram program = ProgramLauncher.Launch(
            _thread, "sh", ["-c", "{ exec 9>/dev/null; sleep 0.2; } | cat; exec 8>/dev/null"]);
        using MemoryHolder holder = Create(program);
        Assert.Empty(Directory.GetFileSystemEntries($"/proc/{holder.ProcessId}/fd"));
        program.Stopped.Release();
        Assert.Equal(0, program.WaitForExit(Limit));
    }

    [Fact]
    public void It_ends_when_its_tracer_ends_and_the_program_goes_on()
    {
        var thread = new PtraceThread();
        using LaunchedProgram program = ProgramLauncher.Launch(thread, "sleep", ["30"]);
        using MemoryHolder holder = Create(program);
        program.Stopped.Release();
        thread.Dispose();

        Assert.True(SpinWait.SpinUntil(() => !holder.IsAlive, Limit));
        using Process process = Process.GetProcessById(program.ProcessId);
        Assert.Null(program.WaitForExit(TimeSpan.Zero));
        process.Kill();
        Assert.Equal(128 + Tools.SigKill, program.WaitForExit(Limit));
    }

    [Fact]
    public void It_may_be_killed_by_anybody()
    {
        using LaunchedProgram program = ProgramLauncher.Launch(_thread, "sleep", ["0.5"]);
        using MemoryHolder holder = Create(program);
        Tools.Signal(holder.ProcessId, Tools.SigKill);
        Assert.True(SpinWait.SpinUntil(() => !holder.IsAlive, Limit));
        program.Stopped.Release();
        Assert.Equal(0, program.WaitForExit(Limit));
    }

    [Fact]
    public void A_program_whose_children_begin_a_pid_namespace_has_none()
    {
        Assert.SkipUnless(Tools.IsRoot && Tools.Has("unshare"), "needs root and unshare");
        using LaunchedProgram program = ProgramLauncher.Launch(_thread, "unshare", ["--pid", "sleep", "30"]);
        program.Stopped.Release();
        Patience.Until(() => Comm(program) == "sleep", "the program is executed");
        using (StoppedProcess stopped = StoppedProcess.Freeze(_thread, program.ProcessId))
            Assert.Null(MemoryHolder.TryCreate(stopped));
        Tools.Signal(program.ProcessId, Tools.SigKill);
        Assert.Equal(128 + Tools.SigKill, program.WaitForExit(Limit));
    }

    private static string Comm(LaunchedProgram program) => File.ReadAllText($"/proc/{program.ProcessId}/comm").Trim();

    private static MemoryHolder Create(LaunchedProgram program)
    {
        MemoryHolder? holder = MemoryHolder.TryCreate(program.Stopped);
        Assert.NotNull(holder);
        return holder;
    }
}
