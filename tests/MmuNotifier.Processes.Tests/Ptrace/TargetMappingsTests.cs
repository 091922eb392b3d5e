using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class TargetMappingsTests : IDisposable
{
    private const int NotTypewriter = 25;

    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void While_it_is_stopped_a_process_is_asked_for_single_mappings_only()
    {
        using Target target = StartIdle();
        AssertKernelAnswers(target.ProcessId);
        Assert.Equal(0, CountReadings(target, _ => 0));
    }

    [Fact]
    public void Without_the_query_all_mappings_are_read_once()
    {
        using Target target = StartIdle();
        Assert.Equal(1, CountReadings(target, call => call == "PROCMAP_QUERY" ? NotTypewriter : 0));
    }

    [Fact]
    public void A_process_that_is_not_what_was_looked_at_before_is_looked_at_again()
    {
        using Target target = StartIdle();
        AssertKernelAnswers(target.ProcessId);
        Gadgets found = Gadgets.FindBeforehand(target.ProcessId)!;
        using StoppedProcess process = StoppedProcess.Freeze(_thread, target.ProcessId);
        using TargetMappings mappings = TargetMappings.Of(target.ProcessId);
        ulong stack = mappings.FindMainStack()!.Value.Start;
        Assert.True(found.AreIn(target.ProcessId, mappings));
        Assert.False((found with { SyscallReturn = found.SyscallReturn + 1 }).AreIn(target.ProcessId, mappings));
        Assert.False((found with { SyscallReturn = stack }).AreIn(target.ProcessId, mappings));
        Assert.False((found with { SignalReturn = [found.SignalReturn[0] + 1] }).AreIn(target.ProcessId, mappings));
        process.GadgetsFoundBefore = found with { SyscallReturn = stack };

        UserfaultfdInjection.Create(process).Handle.Dispose();

        process.Dispose();
        target.AssertUnharmed();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Both_ways_find_the_same(bool isRead)
    {
        using Target target = StartIdle();
        using TargetMappings mappings = TargetMappings.Of(target.ProcessId);
        using TargetMappings all = TargetMappings.Of(target.ProcessId);
        if (isRead)
            _ = mappings.All;
        else
            AssertKernelAnswers(target.ProcessId);
        foreach (ProcessMapping mapping in all.All.Where(mapping => mapping.Kind != MappingKind.Vsyscall))
        {
            Assert.Equal(mapping, mappings.Find(mapping.Start));
            Assert.Equal(mapping, mappings.Find(mapping.Last));
        }

        Assert.Null(mappings.Find(0));
        Assert.Null(mappings.Find(0x7FFF_FFFF_E000));
        Assert.Equal(all.All.Single(mapping => mapping.IsMainStack), mappings.FindMainStack());
    }

    /// <summary>It has answered, so that it is no longer being loaded: its mappings do not change any more.</summary>
    private static Target StartIdle()
    {
        Target target = Target.StartProgram("idle");
        target.AssertUnharmed();
        return target;
    }

    private static void AssertKernelAnswers(int processId)
    {
        using ProcessMaps maps = ProcessMaps.Open(processId, new MappingNameCache(), out _)!;
        Assert.SkipWhen(maps.QueryWithName(0, out _) == Errno.NotTypewriter, "no PROCMAP_QUERY in this kernel");
    }

    /// <summary>How often all mappings are read on the tracer's thread, which does everything while the process is stopped.</summary>
    private int CountReadings(Target target, Func<string, int> plan)
    {
        int readings = 0;
        ThreadFaults? faults = null;
        _thread.Invoke(() => faults = new ThreadFaults(call =>
        {
            readings += call == "lseek" ? 1 : 0; // Each reading begins with it.
            return plan(call);
        }));
        try
        {
            UserfaultfdInjection.Create(_thread, target.ProcessId).Handle.Dispose();
        }
        finally
        {
            _thread.Invoke(() => faults!.Dispose());
        }

        target.AssertUnharmed();
        return readings;
    }
}
