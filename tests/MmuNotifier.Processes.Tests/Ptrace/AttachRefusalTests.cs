using System.Globalization;

namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class AttachRefusalTests : IDisposable
{
    private static readonly string[] OtherUser = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void No_such_process()
    {
        AssertRefused(int.MaxValue, $"There is no process {int.MaxValue}: look for the right number with ps or pgrep.");
        AssertRefused(-1, "There is no process -1: look for the right number with ps or pgrep.");
        AssertRefused(0, "There is no process 0: look for the right number with ps or pgrep.");
    }

    [Fact]
    public void This_process_itself() => AssertRefused(
        Environment.ProcessId,
        $"Process {Environment.ProcessId} is this process itself, which cannot stop and inspect itself: run this in a second process.");

    [Fact]
    public void A_thread_of_the_kernel()
    {
        Assert.SkipUnless(ProcessStatus.ReadWithoutStart(2) is { Name: "kthreadd" }, "needs to see the kernel's threads");
        AssertRefused(2, "Process 2 (kthreadd) is a thread of the kernel and has no memory of its own: choose an ordinary process.");
    }

    [Fact]
    public void A_thread_instead_of_its_process()
    {
        using Target target = Target.StartProgram("waiters");
        int thread = Directory.GetDirectories($"/proc/{target.ProcessId}/task")
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).Max();
        AssertRefused(thread, $"{thread} (target) is a thread of process {target.ProcessId}: attach to {target.ProcessId}.");
    }

    [Fact]
    public void A_child_that_the_runtime_waits_for()
    {
        using System.Diagnostics.Process child = System.Diagnostics.Process.Start("sleep", "30");
        Patience.Until(() => ProcessStatus.ReadWithoutStart(child.Id) is { Name: "sleep" }, "the child has executed its program");
        AssertRefused(child.Id, $"Process {child.Id} (sleep) was started by this process through System.Diagnostics.Process, which would "
            + "take its stops for its end: launch it through this library, or attach from another process.");
        child.Kill();
        child.WaitForExit();
    }

    [Fact]
    public void A_zombie()
    {
        using LaunchedProgram program = ProgramLauncher.Launch(_thread, "true", []);
        program.Stopped.Release();
        Patience.Until(() => ProcessStatus.ReadWithoutStart(program.ProcessId) is { IsDead: true }, "the program ends");
        AssertRefused(
            program.ProcessId,
            $"Process {program.ProcessId} (true) has ended already and only waits for its parent to notice: start the program again.");
    }

    [Fact]
    public void A_process_that_is_traced_already()
    {
        using Target target = Target.Start("sleep", "30");
        using (StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit))
        {
            string own = ProcessStatus.ReadWithoutStart(Environment.ProcessId)!.Name;
            AssertRefused(target.ProcessId, $"Process {target.ProcessId} (sleep) is being traced by process {Environment.ProcessId} "
                + $"({own}) already, and the kernel allows one tracer: end that one first.");
            Assert.Equal('t', target.State);
        }

        UserfaultfdInjection.Create(_thread, target.ProcessId).Handle.Dispose();
    }

    [Fact]
    public void A_32_bit_program_is_known_by_its_file()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, Elf32.Pause);
        Assert.True(AttachRefusal.Is32Bit(path));
        Assert.False(AttachRefusal.Is32Bit("/proc/self/exe"));
        Assert.False(AttachRefusal.Is32Bit("/nowhere"));
        File.Delete(path);
    }

    [Fact]
    public void A_32_bit_program()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("mmunotifier-elf32").FullName, "pause32");
        File.WriteAllBytes(path, Elf32.Pause);
        using (System.Diagnostics.Process opener = System.Diagnostics.Process.Start("chmod", ["+x", path]))
            opener.WaitForExit();
        using Target target = Target.Start(path);
        Patience.Until(
            () => ProcessStatus.ReadWithoutStart(target.ProcessId) is null or { IsDead: true } or { Name: "pause32", State: 'S' },
            "it runs, or cannot be run");
        Assert.SkipUnless(
            ProcessStatus.ReadWithoutStart(target.ProcessId) is { Name: "pause32", State: 'S' },
            "this kernel runs no 32-bit programs (ia32_emulation)");
        AssertRefused(target.ProcessId, $"Process {target.ProcessId} (pause32) is a 32-bit program, and only 64-bit programs can be "
            + "attached to: use a 64-bit build of it.");

        // The check by registers, behind the one by file.
        using StoppedProcess process = StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit);
        Assert.Throws<ProcessAttachException>(() => RemoteCall.Run(process, call => call.Call(39)));
    }

    [Fact]
    public void A_process_of_another_user()
    {
        Assert.SkipUnless(Tools.IsRoot && Tools.Has("setpriv"), "needs root and setpriv");
        using Target target = Target.StartProgram("idle");
        target.AssertUnharmed();
        (int exitCode, string message) = Killer.Attach(0, target.ProcessId, OtherUser);
        Assert.Equal(2, exitCode);
        Assert.Equal($"Process {target.ProcessId} (target) belongs to user 0 and this process runs as user 65534: run this as root, with "
            + "CAP_SYS_PTRACE, or as that user.", message);
        target.AssertUnharmed();
    }

    [Fact]
    public void A_process_of_the_same_user_is_attached_to_without_privileges_unless_it_is_not_dumpable()
    {
        Assert.SkipUnless(Tools.IsRoot && Tools.Has("setpriv"), "needs root and setpriv");
        Assert.SkipWhen(File.Exists("/proc/sys/kernel/yama/ptrace_scope"), "Yama would refuse");
        using Target target = Target.Start([.. OtherUser, TargetProgram.Path, "idle"]);
        target.AssertUnharmed();
        Assert.Equal((0, "done"), Killer.Attach(0, target.ProcessId, OtherUser));
        target.AssertUnharmed();

        using Target closed = Target.Start([.. OtherUser, TargetProgram.Path, "undumpable"]);
        closed.AssertUnharmed();
        (int exitCode, string message) = Killer.Attach(0, closed.ProcessId, OtherUser);
        Assert.Equal(2, exitCode);
        Assert.Equal($"Process {closed.ProcessId} (target) may not be attached to: it is not dumpable or has more privileges than this "
            + "process (setuid, capabilities); run this as root or with CAP_SYS_PTRACE.", message);
        closed.AssertUnharmed();
    }

    [Fact]
    public void A_filtered_process_without_the_privilege_to_suspend_the_filter()
    {
        Assert.SkipUnless(Tools.IsRoot && Tools.Has("setpriv"), "needs root and setpriv");
        using Target target = Target.Start([.. OtherUser, TargetProgram.Path, "filtered"]);
        target.AssertUnharmed();
        (int exitCode, string message) = Killer.Attach(0, target.ProcessId, OtherUser);
        Assert.Equal(2, exitCode);
        Assert.StartsWith($"Process {target.ProcessId} runs under a seccomp filter", message, StringComparison.Ordinal);
        target.AssertUnharmed();
    }

    private void AssertRefused(int processId, string message) =>
        Assert.Equal(message, Assert.Throws<ProcessAttachException>(() => UserfaultfdInjection.Create(_thread, processId)).Message);
}
