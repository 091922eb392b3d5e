using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// Programs that end, execute, or are frozen while mmun works on them. (Every place and every change: TargetChangesTests.)
/// </summary>
[Collection(EndToEndGroup.Name)]
public class ChangingTargetTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Children_that_end_at_once_are_survived()
    {
        using var spawn = new NativeTarget("spawn");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.3", "--", spawn.Program, "5");
        mmun.GoodReport();

        Assert.Contains("fine", mmun.Error, StringComparison.Ordinal);
    }

    /// <summary>The kernel lets the tracer wait for the execve, and the execve for the tracer.</summary>
    [Fact]
    public void A_thread_that_executes_a_program_while_the_others_are_attached_to_does_not_hang()
    {
        using var execute = new NativeTarget("execute");
        for (int i = 0; i < 4; i++)
        {
            using var target = new UncheckedTarget(execute.Program, "100000");
            using var mmun = new Mmun("mirror", "--json", "--duration", "1", "--pid", target.Id);
            int exitCode = mmun.WaitForExit();
            Assert.True(exitCode is 0 or 2, $"exit code {exitCode}: {mmun.Error}");
            Assert.DoesNotContain("security module", mmun.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", mmun.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("lost its main thread", mmun.Error, StringComparison.Ordinal);
            long before = target.Received;
            Assert.True(SpinWait.SpinUntil(() => target.Received > before, Patience), "the target does not continue");
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void A_process_in_a_frozen_cgroup_is_refused_and_is_as_before(int version, bool isStopped)
    {
        using CgroupFreezer freezer = CgroupFreezer.Create(version);
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        if (isStopped)
            Signal(target.ProcessId, "-STOP");
        freezer.Freeze(target.ProcessId);
        using var mmun = new Mmun("mirror", "--pid", target.Id);

        Assert.Matches($"^Process {target.Id} is frozen by its cgroup \\(.+\\): thaw it and try again\\.$", mmun.Refusal());
        freezer.Thaw();
        Signal(target.ProcessId, "-CONT");
        target.AssertUnharmed();
    }

    [Fact]
    public void A_launched_program_whose_main_thread_ends_is_mirrored()
    {
        using var leader = new NativeTarget("leader");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--round", "0.05", "--", leader.Program, "400");
        JsonElement report = mmun.GoodReport();

        // The thread writes 256 pages in each round; they can only be compared while it lives, which is after the main thread has ended.
        Assert.True(report.GetProperty("freezes").EnumerateArray().Last().GetProperty("pagesCompared").GetInt64() > 256, report.ToString());
        Assert.Equal(0, report.GetProperty("children").GetArrayLength());
        Assert.Equal(0, report.GetProperty("freezesAbandoned").GetArrayLength());
    }

    [Fact]
    public void A_running_program_whose_main_thread_has_ended_is_attached_to()
    {
        using var leader = new NativeTarget("leader");
        using var target = new RunningTarget(leader.Program);
        target.ReadLine();
        Assert.Contains("State:\tZ", File.ReadAllText($"/proc/{target.Id}/status"), StringComparison.Ordinal);
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.2", "--duration", "3", "--pid", target.Id);
        JsonElement report = mmun.GoodReport();

        Assert.True(report.GetProperty("pagesMirrored").GetInt64() > 256, report.ToString());
        Assert.Equal(0, report.GetProperty("freezesAbandoned").GetArrayLength());
        int before = int.Parse(target.ReadLine(), CultureInfo.InvariantCulture);
        Assert.True(int.Parse(target.ReadLine(), CultureInfo.InvariantCulture) > before);
    }

    private static void Signal(int processId, string signal)
    {
        using Process kill = Process.Start("kill", [signal, processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>A target of which only the amount of output counts.</summary>
    private sealed class UncheckedTarget : IDisposable
    {
        private readonly Process _process;
        private long _received;

        internal UncheckedTarget(params string[] command)
        {
            _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
            new Thread(() =>
            {
                var buffer = new byte[4096];
                int count;
                while ((count = _process.StandardOutput.BaseStream.Read(buffer)) > 0)
                    Interlocked.Add(ref _received, count);
            })
            {
                IsBackground = true,
            }.Start();
            Assert.True(SpinWait.SpinUntil(() => Received > 0, Patience), "the target does not start");
        }

        internal string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

        internal long Received => Interlocked.Read(ref _received);

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }
}
