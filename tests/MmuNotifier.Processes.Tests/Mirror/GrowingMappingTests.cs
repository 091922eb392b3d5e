using System.Runtime.InteropServices;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>
/// A mapping that grows between the reading of the mappings and its registration is not split: the program could not move it any more.
/// </summary>
[Collection(PtraceGroup.Name)]
public partial class GrowingMappingTests
{
    private const int NextStep = 10;

    [Fact]
    public void A_mapping_that_grows_before_it_is_registered_can_be_moved()
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        using var target = new NativeTarget("growing");
        using var end = new CancellationTokenSource(Patience.Limit);
        var steps = new Queue<string>(["600000000000-600000002000", "600000000000-600000004000", "610000000000-610000004000"]);
        MirrorSession? session = null;
        bool hasBegun = false;
        var options = new MirrorOptions
        {
            Program = [target.Program],
            AfterStep = step =>
            {
                if (step == "read mappings" && hasBegun && session?.TargetProcessId is { } target && steps.TryDequeue(out string? expected))
                    MakeStep(target, expected);
            },
        };
        using (session = new MirrorSession(options, end.Token))
        {
            session.Begin();
            hasBegun = true;
            session.Run(
                () =>
                {
                    if (steps.Count == 0)
                        _ = SendSignal(session.TargetProcessId!.Value, NextStep);
                },
                end.Token);
            Assert.False(end.IsCancellationRequested);
            Assert.Equal(0, session.TargetExitCode);
        }
    }

    /// <summary>The signal waits for the program, which blocks it first: one that comes before that would end it.</summary>
    private static void MakeStep(int processId, string expected)
    {
        Assert.True(SpinWait.SpinUntil(() => BlocksNextStep(processId), Patience.Limit), "The program does not block the signal.");
        Assert.Equal(0, SendSignal(processId, NextStep));
        Assert.True(
            SpinWait.SpinUntil(
                () => ProcFile.TextIfRunning(processId, "maps") is var maps
                    && (maps.Length == 0 || maps.Contains(expected, StringComparison.Ordinal)),
                Patience.Limit),
            $"no mapping {expected}");
    }

    private static bool BlocksNextStep(int processId)
    {
        // A thread that waits for a signal (rt_sigtimedwait) does not show it as blocked.
        if (File.ReadAllText($"/proc/{processId}/syscall").StartsWith("128 ", StringComparison.Ordinal))
            return true;
        const string label = "SigBlk:";
        string blocked = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(label, StringComparison.Ordinal));
        return (Convert.ToUInt64(blocked[label.Length..].Trim(), 16) & (1UL << (NextStep - 1))) != 0;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
