using System.Runtime.InteropServices;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>What a session needs depends on the processes that are alive, not on those that there were.</summary>
[Collection(PtraceGroup.Name)]
public partial class SessionGrowthTests
{
    private const int Batches = 9, Children = 25;
    private const int NextBatch = 10;
    private const int MaxEndedNamed = 200;

    [Fact]
    public void Processes_that_have_ended_are_let_go_together_and_keep_no_memory()
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        using var target = new NativeTarget("brood");
        using var end = new CancellationTokenSource(Patience.Limit);
        var options = new MirrorOptions
        {
            Program = [target.Program, $"{Batches}", $"{Children}"],
            VerifyEvery = TimeSpan.FromSeconds(0.3),
        };
        using var session = new MirrorSession(options, end.Token);
        session.Begin();
        int steps = 0, mostAlive = 0, batchesMet = 0;
        session.Run(
            () =>
            {
                steps++;
                mostAlive = Math.Max(mostAlive, session.ProcessesAlive);
                if (session.ChildrenFound < (batchesMet + 1) * Children)
                    return;
                batchesMet++;
                _ = SendSignal(session.TargetProcessId!.Value, NextBatch);
            },
            end.Token);

        Assert.False(end.IsCancellationRequested, $"{session.ProcessesAlive} are still mirrored after {steps} steps");
        SessionTotals totals = session.AddUp();
        Assert.Equal((Batches * Children) + 1, totals.Processes);
        // The parent, and the children of a batch; of the one before, those whose end was noticed after others were found.
        Assert.InRange(mostAlive, 2, (2 * Children) + 1);
        Assert.InRange(session.Mirrors.Count(), 1, MaxEndedNamed);
        Assert.All(session.Mirrors, mirror => Assert.Equal(0, mirror.ReservedBytes));
        Assert.Equal(0, totals.Watches.EventsLost);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
