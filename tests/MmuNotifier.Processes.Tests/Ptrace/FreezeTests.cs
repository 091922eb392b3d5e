using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Processes.Tests.Ptrace;

[Collection(PtraceGroup.Name)]
public sealed class FreezeTests : IDisposable
{
    private readonly PtraceThread _thread = new();

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void A_busy_program_that_makes_threads_is_frozen_200_times_and_gets_every_signal()
    {
        using Target target = Target.StartProgram("storm");
        SignalStorm storm = new(target);
        List<double> milliseconds = [];
        for (int i = 0; i < 200; i++)
        {
            milliseconds.Add(TimeOfFreezeAndRelease(target));
            using StoppedProcess process = StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit);
            Assert.All(Directory.GetDirectories($"/proc/{target.ProcessId}/task"), AssertStopped);
        }

        long signals = storm.AssertAllArrived();
        milliseconds.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{signals} signals; freeze and release: median {milliseconds[100]:0.00} ms, worst {milliseconds[^1]:0.00} ms"));
    }

    [Fact]
    public void Waiting_calls_do_not_see_the_stops()
    {
        using Target target = Target.StartProgram("waiters");
        // For each: interrupted / woken too early / ended. nanosleep, poll, futex and ppoll wait for two seconds; epoll_wait, semop,
        // sigwaitinfo and read for ever. One that waited two seconds again after each stop would not end.
        const string allAsAsked = "0/0/1 0/0/1 0/0/1 0/0/1 0/0/0 0/0/0 0/0/0 0/0/0";
        string answer = "";
        Patience.Until(
            () =>
            {
                StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit).Dispose();
                Thread.Sleep(30);
                answer = target.Ask().Trim();
                return answer.Split(' ').Take(4).All(call => !call.EndsWith("/0", StringComparison.Ordinal));
            },
            "the calls with a time end");
        Assert.Equal(allAsAsked, answer);
    }

    [Fact]
    public void A_stopped_program_can_be_frozen_and_is_stopped_as_before()
    {
        using Target target = Target.StartProgram("idle");
        Tools.Signal(target.ProcessId, Tools.SigStop);
        Patience.Until(() => target.State == 'T', "the target is stopped");
        for (int i = 0; i < 20; i++)
        {
            StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit).Dispose();
            Patience.Until(() => target.State == 'T', "the target is stopped again");
        }

        Thread.Sleep(50);
        Assert.Equal('T', target.State);
        Tools.Signal(target.ProcessId, Tools.SigCont);
        target.AssertUnharmed();
    }

    [Fact]
    public void A_stop_signal_sent_to_a_frozen_program_takes_effect_afterwards()
    {
        using Target target = Target.StartProgram("idle");
        using (StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit))
            Tools.Signal(target.ProcessId, Tools.SigStop);
        Patience.Until(() => target.State == 'T', "the target is stopped");
        Tools.Signal(target.ProcessId, Tools.SigCont);
        target.AssertUnharmed();
    }

    [Fact]
    public void A_thread_that_cannot_be_interrupted_is_named_and_everything_is_let_go_of()
    {
        using Target target = Target.StartProgram("stuck");
        Patience.Until(() => target.State == 'D', "the target waits for its child");
        FreezeResult result = StoppedProcess.TryFreeze(_thread, target.ProcessId, TimeSpan.FromSeconds(0.3));
        Assert.Equal(FreezeOutcome.ThreadDidNotStop, result.Outcome);
        Assert.Equal(target.ProcessId, result.ThreadId);
        Assert.Contains($"Thread {target.ProcessId} (target)", result.Message, StringComparison.Ordinal);
        Assert.Contains("system call 58", result.Message, StringComparison.Ordinal);
        Assert.Equal(0, target.TracerId);
        using Target other = Target.StartProgram("idle");
        StoppedProcess.Freeze(_thread, other.ProcessId, Patience.Limit).Dispose();
        other.AssertUnharmed();
    }

    [Fact]
    public void A_program_killed_while_frozen_ends_and_its_parent_is_told()
    {
        using Target target = Target.StartProgram("storm");
        using (StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit))
            Tools.Signal(target.ProcessId, Tools.SigKill);
        Assert.Equal(128 + Tools.SigKill, target.WaitForExit());
        Assert.Equal(FreezeOutcome.Exited, StoppedProcess.TryFreeze(_thread, target.ProcessId, Patience.Limit).Outcome);
    }

    [Fact]
    public void A_program_that_exits_during_freezes_is_reported_as_exited()
    {
        for (int i = 0; i < 30; i++)
        {
            using Target target = Target.Start("sleep", "0.02");
            FreezeResult result;
            while ((result = StoppedProcess.TryFreeze(_thread, target.ProcessId, Patience.Limit)).Outcome == FreezeOutcome.Stopped)
                result.Process!.Dispose();
            Assert.Equal(FreezeOutcome.Exited, result.Outcome);
            Assert.Equal(0, target.WaitForExit());
        }
    }

    [Theory]
    [InlineData("python3", "-c",
        "import threading,time\nfor i in range(20): threading.Thread(target=time.sleep,args=(99,)).start()\nprint('up',flush=True)")]
    [InlineData("sh", "-c", "echo up; while :; do /bin/true; done")]
    public void Ordinary_programs_are_frozen_often(string program, string option, string script)
    {
        Assert.SkipUnless(Tools.Has(program), "needs " + program);
        using Target target = Target.Start(program, option, script);
        Assert.Equal("up", target.ReadLine());
        for (int i = 0; i < 100; i++)
        {
            // A shell that has just vforked cannot be stopped until the child has executed its program: the time limit covers that.
            StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit).Dispose();
        }

        Assert.Equal(0, target.TracerId);
        Assert.NotEqual('t', target.State);
    }

    [Fact]
    public void A_quiet_program_with_a_few_threads_is_stopped_for_a_moment_only()
    {
        using Target target = Target.StartProgram("waiters");
        double[] milliseconds = [.. Enumerable.Range(0, 200).Select(_ => TimeOfFreezeAndRelease(target)).Order()];
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"9 threads: median {milliseconds[100]:0.00} ms, worst {milliseconds[^1]:0.00} ms"));
        Assert.InRange(milliseconds[0], 0, 20); // The least: other programs only add to it.
    }

    private double TimeOfFreezeAndRelease(Target target)
    {
        long start = Stopwatch.GetTimestamp();
        StoppedProcess.Freeze(_thread, target.ProcessId, Patience.Limit).Dispose();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void AssertStopped(string taskFolder)
    {
        // Field 3, after the name in parentheses. A thread that is on its way out of existence is not on the list of the frozen.
        string stat = File.ReadAllText(taskFolder + "/stat");
        Assert.Contains(stat[stat.LastIndexOf(')') + 2], "tZX");
    }
}
