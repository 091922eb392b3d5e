using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

public sealed class ProcessStatusTests
{
    [Fact]
    public void Fields_of_a_child_are_read()
    {
        using PythonChild child = PythonChild.Start();
        ProcessStatus status = ProcessStatus.Read(child.ProcessId, out Errno error)!;
        Assert.Equal(Errno.None, error);
        Assert.Equal(Environment.ProcessId, status.ParentId);
        Assert.StartsWith("python", status.Name, StringComparison.Ordinal);
        Assert.Equal((0, 1, child.ProcessId), (status.TracerId, status.Threads, status.InnermostProcessId));
        Assert.Equal(ProcessStatus.ReadStartTime(child.ProcessId, out _), status.StartTimeTicks);
        Assert.True(status.StartTimeTicks >= ProcessStatus.ReadStartTime(Environment.ProcessId, out _));
        Assert.False(status.IsDead);
    }

    [Fact]
    public void Nobody_has_no_status()
    {
        Assert.Null(ProcessStatus.Read(int.MaxValue, out Errno error));
        Assert.Equal(Errno.NoEntry, error);
    }

    [Fact]
    public void Command_with_parentheses_and_spaces_does_not_mislead() => Assert.Equal(
        4711UL, ProcessStatus.ParseStartTime("12 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 99 9"u8));

    [Fact]
    public void Process_in_a_container_has_two_numbers()
    {
        ProcessStatus status = ProcessStatus.ParseStatus(
            "Name:\tx\nState:\tt (tracing stop)\nTgid:\t900\nPPid:\t3\nTracerPid:\t77\n"u8
            + "Uid:\t5\t6\t7\t8\nNSpid:\t900\t12\nThreads:\t4\n"u8)!;
        Assert.Equal(900, status.ProcessId);
        Assert.Equal((12, 2, 77, 5u, 6u, 't'), (status.InnermostProcessId, status.NamespaceDepth, status.TracerId,
            status.RealUserId, status.EffectiveUserId, status.State));
    }

    [Fact]
    public void A_text_without_a_state_is_nobodys() => Assert.Null(ProcessStatus.ParseStatus("Name:\tx\n"u8));

    [Theory]
    [InlineData("Kthread:\t1\n", true)]
    [InlineData("Kthread:\t0\n", false)]
    [InlineData("", true)]
    [InlineData("VmSize:\t    2928 kB\n", false)]
    public void A_thread_of_the_kernel_says_so_or_has_no_memory(string line, bool isKernelThread)
    {
        ProcessStatus status = ProcessStatus.ParseStatus(System.Text.Encoding.ASCII.GetBytes("Name:\tx\nState:\tS (sleeping)\n" + line))!;
        Assert.Equal(isKernelThread, status.IsKernelThread);
    }

    [Fact]
    public void Privileges_and_protections_are_read()
    {
        ProcessStatus status = ProcessStatus.ParseStatus(
            "State:\tR (running)\nCapEff:\t000001ffffffffff\nSeccomp:\t2\nx86_Thread_features:\twrss shstk \n"u8)!;
        Assert.Equal((0x1FFFFFFFFFFUL, true, true), (status.EffectiveCapabilities, status.IsFiltered, status.HasShadowStack));
        status = ProcessStatus.ParseStatus("State:\tR (running)\nSeccomp:\t0\nx86_Thread_features:\t\n"u8)!;
        Assert.Equal((0UL, false, false), (status.EffectiveCapabilities, status.IsFiltered, status.HasShadowStack));
    }

    [Fact]
    public void Children_are_found_of_one_generation()
    {
        using PythonChild child = PythonChild.Start();
        int grandchild = (int)child.Call("fork_waiting()");
        List<int> children = ChildrenOf(Environment.ProcessId);
        Assert.Contains(child.ProcessId, children);
        Assert.DoesNotContain(grandchild, children);
        Assert.Equal([grandchild], ChildrenOf(child.ProcessId));
        Assert.Contains(Environment.ProcessId, ProcessTree.All());
        child.Call($"kill({grandchild})");
        Assert.Empty(ChildrenOf(child.ProcessId));
    }

    [Fact]
    public void Address_spaces_are_compared()
    {
        Assert.SkipWhen(Kcmp.SameAddressSpace(Environment.ProcessId, Environment.ProcessId) is null, "no kcmp");
        using PythonChild child = PythonChild.Start();
        Assert.True(Kcmp.SameAddressSpace(Environment.ProcessId, Environment.ProcessId));
        Assert.False(Kcmp.SameAddressSpace(Environment.ProcessId, child.ProcessId));
        Assert.Null(Kcmp.SameAddressSpace(Environment.ProcessId, int.MaxValue));
    }

    [Fact]
    public void Descriptor_tells_the_exit_and_sends_signals()
    {
        using PythonChild child = PythonChild.Start();
        using ProcessDescriptor descriptor = ProcessDescriptor.Open(child.ProcessId, out _)!;
        Assert.Equal(Errno.None, descriptor.SendSignal(0));
        Assert.False(descriptor.WaitForExit(20));
        Assert.Equal(Errno.None, descriptor.SendSignal(9));
        Assert.True(descriptor.WaitForExit(Patience.Milliseconds));
        child.Kill();
        Assert.Equal(Errno.NoProcess, descriptor.SendSignal(0));
        Assert.Null(ProcessDescriptor.Open(child.ProcessId, out Errno error));
        Assert.Equal(Errno.NoProcess, error);
    }

    [Fact]
    public void Descriptor_copies_what_the_process_has_open()
    {
        using PythonChild child = PythonChild.Start();
        int number = (int)child.Call("memfd(8192)");
        using ProcessDescriptor descriptor = ProcessDescriptor.Open(child.ProcessId, out _)!;
        using Microsoft.Win32.SafeHandles.SafeFileHandle? copy = descriptor.CopyDescriptor(number, out Errno error);
        Assert.Equal(Errno.None, error);
        Assert.Equal(8192, RandomAccess.GetLength(copy!));
        Assert.Null(descriptor.CopyDescriptor(9999, out error));
        Assert.Equal(Errno.BadDescriptor, error);
    }

    private static List<int> ChildrenOf(int processId)
    {
        List<int> children = [];
        ProcessTree.AddChildren(processId, children);
        return children;
    }
}
