using MmuNotifier.Benchmarks.Cores;

namespace MmuNotifier.Benchmarks.Tests.Cores;

public class CoreRowTests
{
    private static readonly CoreRun s_good = new(null, TimeSpan.FromSeconds(2), 64 << 20, 32 << 20);

    [Fact]
    public void What_the_target_does_not_get_on_by_itself_is_not_the_tools()
    {
        CoreRow row = Row([10, 30, 12], [1, 2, 9]);
        Assert.Equal((10, 28, 2), (row.MedianStop, row.WorstStop, row.ControlGap));
        Assert.True(row.IsReached);
    }

    [Fact]
    public void A_goal_is_missed_by_the_median_the_worst_or_a_core_that_is_not_there()
    {
        Assert.False(Row([21, 21, 21], [0, 0, 0]).IsReached);
        Assert.False(Row([1, 1, 51], [0, 0, 0]).IsReached);
        Assert.False((Row([1, 1, 1], [0, 0, 0]) with { Runs = [s_good, s_good with { Failure = "no" }] }).IsReached);
        Assert.Null((Row([1, 1, 1], [0, 0, 0]) with { Tool = CoreTool.Gcore }).IsReached);
    }

    [Fact]
    public void The_table_has_the_time_of_ours_against_the_peers()
    {
        CoreRow ours = Row([10, 10, 10], [0, 0, 0]);
        CoreRow peer = ours with { Tool = CoreTool.Gcore, Runs = [s_good with { Time = TimeSpan.FromSeconds(1) }] };
        string text = CoreMarkdown.Of(new Machine("cpu", 2, "6.18", ".NET 10", "abc", "2026-11-30"), [ours, peer]);
        Assert.Contains(
            "| C, 1 GiB, 1 % written | mmun core | 3 | 0 | 10.0 | 10.0 | ≤ 20 / 50 | yes | 0.0 | 2.00 | 2.00 | 64 | 32 |",
            text,
            StringComparison.Ordinal);
        Assert.Contains("| gcore | 1 | 0 | 10.0 | 10.0 | – | – | 0.0 | 1.00 | – | 64 | 32 |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_runs_without_a_core_the_last_one_is_named()
    {
        CoreRow refused = Row([10], [0]) with { Runs = [s_good with { Failure = "first" }, s_good with { Failure = "last\n" }] };
        string text = CoreMarkdown.Of(new Machine("cpu", 2, "6.18", ".NET 10", "abc", "2026-11-30"), [refused]);
        Assert.Contains("- C, 1 GiB, 1 % written, mmun core: no core. The last time: last \n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("first", text, StringComparison.Ordinal);
    }

    private static CoreRow Row(double[] gaps, double[] controls) =>
        new(new CoreLoad(IsManaged: false, 1024, 0.01), CoreTool.Mmun("mmun"), gaps, controls, [s_good, s_good, s_good]);
}
