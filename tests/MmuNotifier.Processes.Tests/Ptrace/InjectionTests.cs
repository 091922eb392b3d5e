using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class InjectionTests : IDisposable
{
    private const int Gettid = 186, Lseek = 8;

    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Theory]
    [InlineData("idle")]
    [InlineData("busy")]
    [InlineData("sleeper")]
    [InlineData("coroutine")]
    public void The_target_finds_its_registers_mask_stacks_and_time_outs_as_they_were(string mode)
    {
        using Target target = Target.StartProgram(mode);
        for (int i = 0; i < 50; i++)
        {
            using InjectedHandle created = Create(target);
            target.AssertUnharmed();
        }

        Assert.Empty(target.Userfaultfds);
        if (mode == "sleeper")
            Assert.Equal("ok 0", target.Ask());
    }

    [Fact]
    public void Memory_registers_and_mask_are_equal_before_and_after()
    {
        using Target target = Target.StartProgram("idle");
        using StoppedProcess process = StoppedProcess.Freeze(_thread, target.ProcessId);
        using TargetMappings mappings = TargetMappings.Of(target.ProcessId);
        ProcessMapping stack = mappings.FindMainStack()!.Value;
        byte[] before = ReadAll(target.ProcessId, stack);
        Tracee tracee = Assert.Single(process.Tracees);
        PtraceRegisters registers = process.Invoke(tracee.GetRegisters);
        ulong mask = process.Invoke(tracee.GetSignalMask);
        byte[] state = process.Invoke(tracee.GetExtendedState);
        UserfaultfdInjection.Create(process).Handle.Dispose();
        Assert.Equal(registers, process.Invoke(tracee.GetRegisters));
        Assert.Equal(mask, process.Invoke(tracee.GetSignalMask));
        Assert.Equal(state, process.Invoke(tracee.GetExtendedState));
        Assert.Equal(before, ReadAll(target.ProcessId, stack));
    }

    [Fact]
    public void Calls_return_what_the_kernel_answers()
    {
        using Target target = Target.StartProgram("idle");
        using (StoppedProcess process = StoppedProcess.Freeze(_thread, target.ProcessId))
        {
            (long thread, long error) = RemoteCall.Run(process, call => (call.Call(Gettid), call.Call(Lseek, 999)));
            Assert.Equal(target.ProcessId, thread);
            Assert.Equal(-9, error);
        }

        target.AssertUnharmed();
    }

    [Fact]
    public void A_session_that_fails_halfway_leaves_a_working_target()
    {
        using Target target = Target.StartProgram("busy");
        using (StoppedProcess process = StoppedProcess.Freeze(_thread, target.ProcessId))
            Assert.Throws<FormatException>(() => RemoteCall.Run<int>(process,
                call => throw new FormatException(call.Call(Gettid).ToString(System.Globalization.CultureInfo.InvariantCulture))));
        target.AssertUnharmed();
    }

    [Fact]
    public void A_stopped_program_gets_its_userfaultfd_and_stays_stopped()
    {
        using Target target = Target.StartProgram("idle");
        Tools.Signal(target.ProcessId, Tools.SigStop);
        Patience.Until(() => target.State == 'T', "the target is stopped");
        using InjectedHandle created = Create(target);
        Patience.Until(() => target.State == 'T', "the target is stopped again");
        Tools.Signal(target.ProcessId, Tools.SigCont);
        target.AssertUnharmed();
    }

    [Fact]
    public void Injection_under_a_storm_of_signals_loses_none()
    {
        using Target target = Target.StartProgram("storm");
        SignalStorm storm = new(target);
        for (int i = 0; i < 50; i++)
            Create(target).Dispose();
        storm.AssertAllArrived();
        Assert.Empty(target.Userfaultfds);
    }

    [Fact]
    public void A_filter_that_kills_for_userfaultfd_is_suspended()
    {
        Assert.SkipUnless(Tools.IsRoot, "needs root");
        using Target target = Target.StartProgram("filtered");
        using InjectedHandle created = Create(target);
        target.AssertUnharmed();
    }

    [Fact]
    public void An_unprivileged_target_gives_a_user_mode_one()
    {
        Assert.SkipUnless(Tools.IsRoot && Tools.Has("setpriv"), "needs root and setpriv");
        Assert.SkipUnless(File.ReadAllText("/proc/sys/vm/unprivileged_userfaultfd").Trim() == "0", "anybody may create a userfaultfd here");
        using Target target = Target.Start("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", TargetProgram.Path, "idle");
        target.AssertUnharmed();
        using InjectedHandle created = Create(target);
        Assert.True(created.UserModeOnly);
        target.AssertUnharmed();
    }

    [Theory]
    [InlineData("sleep", "5")]
    [InlineData("python3", "-c", "import time; time.sleep(5)")]
    [InlineData("java", "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0", "-version")] // Waits for a debugger.
    [InlineData("node", "-e", "setInterval(()=>{},10)")]
    public void Ordinary_programs_are_attached_to(string program, params string[] arguments)
    {
        Assert.SkipUnless(Tools.Has(program), "needs " + program);
        ReadFromDisk(program);
        using Target target = Target.Start([program, .. arguments]);
        Create(target).Dispose();
    }

    // A program cannot be stopped while its execve waits for a cold disk, and that may take seconds.
    private static void ReadFromDisk(string program)
    {
        using Process started = Process.Start(new ProcessStartInfo(program, program == "java" ? "-version" : "--version")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        started.WaitForExit();
    }

    private InjectedHandle Create(Target target)
    {
        InjectedUserfaultfd created = UserfaultfdInjection.Create(_thread, target.ProcessId);
        Assert.Empty(target.Userfaultfds);
        Assert.Contains(
            "userfaultfd", new FileInfo($"/proc/self/fd/{created.Handle.DangerousGetHandle()}").LinkTarget!, StringComparison.Ordinal);
        return new InjectedHandle(created);
    }

    private static byte[] ReadAll(int processId, ProcessMapping mapping)
    {
        byte[] bytes = new byte[mapping.LengthBytes];
        TargetMemory.ReadExactly(processId, mapping.Start, bytes);
        return bytes;
    }

    private readonly struct InjectedHandle(InjectedUserfaultfd created) : IDisposable
    {
        internal bool UserModeOnly => created.UserModeOnly;

        public void Dispose() => created.Handle.Dispose();
    }
}
