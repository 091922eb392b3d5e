using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Core;

/// <summary><c>mmun core --every</c>.</summary>
[Collection(EndToEndGroup.Name)]
public class CoreSeriesTests
{
    [Fact]
    public void The_last_cores_are_kept_and_the_counters_in_each_belong_together()
    {
        Machine.Require("gdb");
        using var target = new CoreTarget();
        using var mmun = new Mmun(
            "core", "--pid", target.Id, "-o", target.Core, "--every", "0.2", "--keep", "2", "--max-stop", "20000");
        Patience.Until(() => File.Exists(target.Core + ".4"), "four cores were taken");
        Patience.Until(() => !File.Exists(target.Core + ".2"), "the second is removed");
        mmun.Signal(Mmun.Terminate);
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        target.AssertUnharmed();
        string[] cores = Directory.GetFiles(Path.GetDirectoryName(target.Core)!, "core*");
        Assert.Equal(2, cores.Length);
        string first = target.GdbOf(cores.Min()!, "p first->value - second->value", "p first->value");
        string second = target.GdbOf(cores.Max()!, "p first->value - second->value", "p first->value", "thread apply all bt");
        Assert.Matches(@"\$1 = [01]\n", first);
        Assert.Matches(@"\$1 = [01]\n", second);
        Assert.NotEqual(first.Split("$2 = ")[1].Split('\n')[0], second.Split("$2 = ")[1].Split('\n')[0]);
        Assert.Contains(" writer (", second, StringComparison.Ordinal);
    }

    [Fact]
    public void A_launched_program_that_ends_ends_the_series()
    {
        string folder = Directory.CreateTempSubdirectory("mmun-series").FullName;
        using Mmun mmun = Mmun.Run(
            "core", "-o", Path.Combine(folder, "core"), "--every", "0.1", "--max-stop", "20000", "--", "sh", "-c", "sleep 1; echo ended");
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        Assert.Contains("ended", mmun.Output, StringComparison.Ordinal);
        Assert.InRange(Directory.GetFiles(folder, "core.*").Length, 1, 6);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_core_that_cannot_be_taken_is_said_and_the_next_is_tried()
    {
        using var target = new CoreTarget();
        using var mmun = new Mmun("core", "--pid", target.Id, "-o", target.Core, "--every", "0.1", "--max-stop", "0.001");
        const string refusal = "cannot be taken with a stop of at most 0.001 ms";
        Patience.Until(() => mmun.Error.Split(refusal).Length > 2, "two cores were refused");
        mmun.Signal(Mmun.Terminate);
        Assert.Equal(2, mmun.WaitForExit());
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(target.Core)!, "core*"));
        target.AssertUnharmed();
    }

    [Theory]
    [InlineData("give --children and --every a file", "--pid", "1", "-o", "-", "--every", "1")]
    [InlineData("--keep is for --every", "--pid", "1", "--keep", "3")]
    [InlineData("not for --every", "--every", "1", "--after", "2", "--", "true")]
    public void What_cannot_be_meant_is_refused(string message, params string[] options)
    {
        using Mmun mmun = Mmun.Run(["core", .. options]);
        Assert.NotEqual(0, mmun.WaitForExit());
        Assert.Contains(message, mmun.Error, StringComparison.Ordinal);
    }
}
