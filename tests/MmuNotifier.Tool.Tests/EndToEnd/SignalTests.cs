using System.Globalization;
using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>Signals to <c>mmun mirror</c>. (That each of them ends it with a report: AttachTests.)</summary>
[Collection(EndToEndGroup.Name)]
public class SignalTests
{
    private const int TerminalStop = 20, Continue = 18, Stop = 19;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Ctrl_Z_lets_the_target_go_and_stops_and_afterwards_the_target_is_mirrored_again()
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        using var mmun = new Mmun("mirror", "--json", "--pid", target.Id);
        Until(() => mmun.Error.Contains("mirrored", StringComparison.Ordinal), "it mirrors");
        Assert.True(IsWatched(target.ProcessId));
        mmun.Signal(TerminalStop);
        Until(() => StateOf(mmun.ProcessId) == 'T', "it is stopped");

        // The target maps and unmaps between two lines; with a stopped reader its munmap would wait.
        Assert.False(IsWatched(target.ProcessId));
        target.AssertUnharmed();
        mmun.Signal(Continue);
        Until(() => IsWatched(target.ProcessId), "it mirrors again");
        mmun.Signal(Mmun.Terminate);
        JsonElement report = mmun.GoodReport();

        Assert.Contains(
            report.GetProperty("children").EnumerateArray(),
            child => child.GetProperty("outcome").GetString() == "attached to again after mmun was stopped and continued");
        target.AssertUnharmed();
    }

    [Fact]
    public void After_Ctrl_Z_it_ends_when_its_target_has_ended_meanwhile()
    {
        using var mmun = new Mmun("mirror", "--json", "--", "sleep", "4");
        Until(() => mmun.Error.Contains("mirrored", StringComparison.Ordinal), "it mirrors");
        mmun.Signal(TerminalStop);
        Until(() => StateOf(mmun.ProcessId) == 'T', "it is stopped");
        Thread.Sleep(4500);
        mmun.Signal(Continue);
        mmun.WaitForExit();

        JsonElement report = JsonDocument.Parse(mmun.Output.TrimEnd('\n').Split('\n')[^1]).RootElement;
        Assert.Equal(0, report.GetProperty("target").GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public void While_it_is_stopped_by_SIGSTOP_a_target_that_unmaps_waits_and_then_goes_on()
    {
        // What it unmaps was there before, so that it is watched.
        const string script = "import mmap,time\nmaps=[mmap.mmap(-1,65536) for _ in range(2000)]\n"
            + "for m in maps: m[0]=1\ni=0\nwhile True:\n i+=1\n print(i,flush=True)\n time.sleep(0.05)\n maps and maps.pop().close()\n";
        using var target = new RunningTarget(Machine.Python, "-c", script);
        target.ReadLine();
        using var mmun = new Mmun("mirror", "--json", "--pid", target.Id);
        Until(() => mmun.Error.Contains("mirrored", StringComparison.Ordinal), "it mirrors");
        mmun.Signal(Stop);
        Until(() => WaitsIn(target.ProcessId) == "userfaultfd_event_wait_completion", "the target waits");
        mmun.Signal(Continue);
        int line = int.Parse(target.ReadLine(), CultureInfo.InvariantCulture);
        for (int i = 0; i < 20; i++)
            Assert.Equal(++line, int.Parse(target.ReadLine(), CultureInfo.InvariantCulture));
        mmun.Signal(Mmun.Terminate);
        mmun.GoodReport();
        target.AssertUnharmed();
    }

    /// <summary>A pipe that is full and that nobody reads: the report cannot be written.</summary>
    [Fact]
    public void A_signal_ends_it_even_when_it_is_caught_in_a_call()
    {
        using var target = new RunningTarget(Machine.Python, Machine.Script("counter.py"));
        target.ReadLine();
        string folder = Directory.CreateTempSubdirectory("mmun-pipe").FullName;
        string pipe = Path.Combine(folder, "pipe");
        const string script =
            "mkfifo $1; exec 3<>$1; shift; dd if=/dev/zero of=/proc/self/fd/3 bs=1 count=65536 2>/dev/null; exec \"$@\" >&3";
        using var mmun = new Mmun(
            ["sh", "-c", script, "sh", pipe], AppContext.BaseDirectory, ["mirror", "--json", "--pid", target.Id]);
        Until(() => mmun.Error.Contains("mirrored", StringComparison.Ordinal), "it mirrors");
        mmun.Signal(Mmun.Terminate);
        Assert.Equal(2, mmun.WaitForExit());

        Assert.Contains("SIGTERM ended it without a report", mmun.Error, StringComparison.Ordinal);
        target.AssertUnharmed();
        Directory.Delete(folder, recursive: true);
    }

    private static void Until(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), "did not happen: " + what);

    private static char StateOf(int processId)
    {
        string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
        return stat[stat.LastIndexOf(')') + 2];
    }

    private static string WaitsIn(int processId) =>
        File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/wchan"));

    /// <summary>Whether any mapping is registered for write protection.</summary>
    private static bool IsWatched(int processId) => File
        .ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/smaps"))
        .Any(line => line.StartsWith("VmFlags:", StringComparison.Ordinal) && line.Split(' ').Contains("uw"));
}
