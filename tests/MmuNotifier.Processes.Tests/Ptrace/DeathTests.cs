using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>The injecting process is killed after each of its steps in turn; the target must not notice.</summary>
[Collection(PtraceGroup.Name)]
public class DeathTests
{
    private const int Killed = 128 + Tools.SigKill;
    private const int StepLimit = 200;

    /// <summary>
    /// The target keeps the descriptor after three steps: the order to create it, its creation, and the question for its number.
    /// </summary>
    private const int StepsThatLeak = 3;

    /// <summary>So many deaths leave their frames in the never-used part of the stack; then a target with none elsewhere refuses.</summary>
    private const int DeathsPerTarget = 8;

    [Theory]
    [InlineData("idle")]
    [InlineData("busy")]
    [InlineData("sleeper")]
    [InlineData("coroutine")]
    [InlineData("filtered")]
    public void An_attached_target_goes_on_unharmed(string mode)
    {
        Assert.SkipUnless(mode != "filtered" || Tools.IsRoot, "needs root");
        int leaks = 0, deadly = 0, step = 0;
        for (bool completed = false; !completed;)
        {
            using Target target = Target.StartProgram(mode);
            target.AssertUnharmed();
            for (int i = 0; i < DeathsPerTarget && !completed; i++)
            {
                int before = target.Userfaultfds.Count;
                (int exitCode, string message) = Killer.Attach(++step, target.ProcessId);
                Patience.Until(() => target.TracerId == 0, "the tracer is gone");
                string answer = target.Ask();
                if (mode == "filtered" && answer == Target.Ended)
                {
                    deadly++;
                    break;
                }

                Assert.StartsWith("ok", answer, StringComparison.Ordinal);
                Assert.NotEqual('T', target.State);
                leaks += target.Userfaultfds.Count - before;
                completed = exitCode == 0;
                Assert.True(completed || (exitCode == Killed && step < StepLimit), $"step {step}: exit code {exitCode}, {message}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{step - 1} deaths, {leaks} descriptors left, {deadly} killed by their own filter");

        // Documented: a filter comes back with our death, and then sees the call. In the target without one nothing of the kind is allowed.
        if (mode == "filtered")
            Assert.InRange(deadly, 0, 1);
        else
            Assert.InRange(leaks, 0, StepsThatLeak);
    }

    [Fact]
    public void A_stopped_target_stays_stopped_and_goes_on_unharmed()
    {
        for (int step = 1; step < StepLimit; step++)
        {
            using Target target = Target.StartProgram("idle");
            target.AssertUnharmed();
            Tools.Signal(target.ProcessId, Tools.SigStop);
            Patience.Until(() => target.State == 'T', "the target is stopped");
            (int exitCode, _) = Killer.Attach(step, target.ProcessId);
            Patience.Until(() => target.State == 'T', "the target is stopped again");
            Tools.Signal(target.ProcessId, Tools.SigCont);
            target.AssertUnharmed();
            if (exitCode == 0)
                return;
            Assert.Equal(Killed, exitCode);
        }

        Assert.Fail("never completed");
    }

    [Fact]
    public void A_target_in_a_storm_of_signals_loses_none()
    {
        using Target target = Target.StartProgram("storm");
        SignalStorm storm = new(target);
        for (int step = 1; step < 60; step++)
            Killer.Attach(step, target.ProcessId);
        Patience.Until(() => target.TracerId == 0, "the tracer is gone");
        TestContext.Current.TestOutputHelper?.WriteLine($"{storm.AssertAllArrived()} signals");
    }

    [Theory]
    [InlineData("idle")]
    [InlineData("busy")]
    public async Task A_launched_target_starts_and_runs_unharmed(string mode)
    {
        string program = TargetProgram.Path;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        for (int step = 1; step < StepLimit; step++)
        {
            using Process killer = Killer.Launch(step, program, mode);
            for (int i = 0; i < 2; i++)
            {
                await killer.StandardInput.WriteLineAsync("?");
                await killer.StandardInput.FlushAsync(cancellation);
                string? answer = await killer.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(Patience.Limit, cancellation);
                Assert.True(answer?.StartsWith("ok", StringComparison.Ordinal), $"step {step}: {answer}");
                if (mode == "idle")
                    AssertLetGo(int.Parse(answer!.Split(' ')[2], CultureInfo.InvariantCulture), killer);
            }

            // The end of its input ends the program, and with it the killer if it has lived.
            killer.StandardInput.Close();
            Assert.True(killer.WaitForExit(Patience.Limit));
            if (killer.ExitCode == 0)
                return;
            Assert.Equal(Killed, killer.ExitCode);
        }

        Assert.Fail("never completed");
    }

    private static void AssertLetGo(int processId, Process killer)
    {
        AssertNotTraced(processId);
        if (killer.HasExited)
            Patience.Until(() => !ProcessTree.All().Exists(other => HoldsMemoryOf(processId, other)), "nobody holds its memory");
    }

    private static bool HoldsMemoryOf(int processId, int other) => other != processId && Kcmp.SameAddressSpace(processId, other) == true;

    private static void AssertNotTraced(int processId)
    {
        ProcessStatus? status = ProcessStatus.ReadWithoutStart(processId);
        Assert.NotNull(status);
        Assert.Equal(0, status.TracerId);
    }
}
