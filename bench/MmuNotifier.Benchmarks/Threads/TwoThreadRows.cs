using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Invalidations of disjoint ranges: does a second thread add anything?</summary>
internal static class TwoThreadRows
{
    private const int Count = 10_000;

    internal static void Run(TableRun run)
    {
        if (!run.Wants(RowNames.TwoThreads))
            return;
        var order = new WorkOrder(Count);
        var ours = new ThreadSlices<OursEngine, InvalidationScope>(order);
        var baseline = new ThreadSlices<BaselineEngine, BaselineScope>(order);
        var oursRuns = new List<(double One, double Two)>();
        var baselineRuns = new List<(double One, double Two)>();
        RunBoth(run.Plan, ours); // Warms up.
        RunBoth(run.Plan, baseline);
        for (int pair = 0; pair < run.Plan.LargePairs; pair++)
        {
            oursRuns.Add(RunBoth(run.Plan, ours));
            baselineRuns.Add(RunBoth(run.Plan, baseline));
        }

        Add(run, oursRuns, baselineRuns);
    }

    private static (double One, double Two) RunBoth<TEngine, TScope>(MeasuringPlan plan, ThreadSlices<TEngine, TScope> slices)
        where TEngine : struct, IEngine<TEngine, TScope>
        where TScope : struct => (
            RepeatedWork.Run(plan.ThreadsRound, slices.InvalidateHalf(upper: false)).Sum(),
            RepeatedWork.Run(plan.ThreadsRound, slices.InvalidateHalf(upper: false), slices.InvalidateHalf(upper: true)).Sum());

    private static void Add(TableRun run, List<(double One, double Two)> ours, List<(double One, double Two)> baseline)
    {
        Spread gain = Spread.Of(ours.Select(rates => rates.Two / rates.One));
        Spread baselineGain = Spread.Of(baseline.Select(rates => rates.Two / rates.One));
        Goal goal = Goal.RatioAbove(1);
        run.Add(new Row
        {
            Name = RowNames.TwoThreads,
            N = Count,
            Unit = "Mops/s, two threads",
            Ours = Spread.Of(ours.Select(rates => rates.Two)).Median,
            Baseline = Spread.Of(baseline.Select(rates => rates.Two)).Median,
            Ratio = gain,
            RatioOf = "ours: two threads / one",
            Goal = goal,
            Reached = goal.IsReachedBy(gain.Median),
            KernelC = KernelFigures.Of(RowNames.TwoThreads, Count),
            Note = $"one thread: ours {Rate(ours)}, baseline {Rate(baseline)} Mops/s; the baseline's two threads / one: "
                + $"{RowText.Number(baselineGain.Median)}",
        });
    }

    private static string Rate(List<(double One, double Two)> runs) => RowText.Number(Spread.Of(runs.Select(rates => rates.One)).Median);
}
