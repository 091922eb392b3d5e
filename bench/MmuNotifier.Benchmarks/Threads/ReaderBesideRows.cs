using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// A reader beside an invalidator of another notifier, against the same reader beside a thread that touches only its own memory.
/// </summary>
internal static class ReaderBesideRows
{
    private const int Count = 100;
    private const int Y = 40;
    private const int FarX = 90;

    internal static void Run(TableRun run)
    {
        if (run.Wants(RowNames.ReaderBesideFar))
            Run(run, RowNames.ReaderBesideFar, FarX);
        if (run.Wants(RowNames.ReaderBesideNear))
            Run(run, RowNames.ReaderBesideNear, Y + 1);
    }

    private static void Run(TableRun run, string name, int x)
    {
        var order = new WorkOrder(Count);
        var ours = new ThreadSlices<OursEngine, InvalidationScope>(order);
        var baseline = new ThreadSlices<BaselineEngine, BaselineScope>(order);
        var oursRuns = new List<ReaderBesideTimes>();
        var baselineRuns = new List<ReaderBesideTimes>();
        RunBoth(run.Plan, ours, x); // Warms up.
        RunBoth(run.Plan, baseline, x);
        for (int pair = 0; pair < run.Plan.Pairs; pair++)
        {
            oursRuns.Add(RunBoth(run.Plan, ours, x));
            baselineRuns.Add(RunBoth(run.Plan, baseline, x));
        }

        Add(run, name, oursRuns, baselineRuns);
    }

    private static ReaderBesideTimes RunBoth<TEngine, TScope>(MeasuringPlan plan, ThreadSlices<TEngine, TScope> slices, int x)
        where TEngine : struct, IEngine<TEngine, TScope>
        where TScope : struct
    {
        double[] alone = RepeatedWork.Run(plan.ThreadsRound, slices.ReadOne(Y), new PrivateSpin().Slice);
        double[] beside = RepeatedWork.Run(plan.ThreadsRound, slices.ReadOne(Y), slices.InvalidateOne(x));
        return new ReaderBesideTimes(1000 / alone[0], 1000 / beside[0], beside[1]);
    }

    private static void Add(TableRun run, string name, List<ReaderBesideTimes> ours, List<ReaderBesideTimes> baseline)
    {
        Spread slowdown = Spread.Of(ours.Select(times => times.Beside / times.Alone));
        Spread baselineSlowdown = Spread.Of(baseline.Select(times => times.Beside / times.Alone));
        Goal goal = Goal.RatioAtMost(1.1);
        run.Add(new Row
        {
            Name = name,
            N = Count,
            Unit = "ns beside",
            Ours = Spread.Of(ours.Select(times => times.Beside)).Median,
            Baseline = Spread.Of(baseline.Select(times => times.Beside)).Median,
            Ratio = slowdown,
            RatioOf = "ours: beside / alone",
            Goal = goal,
            Reached = goal.IsReachedBy(slowdown.Median),
            KernelC = KernelFigures.Of(name, Count),
            Note = $"{Text("ours", ours)}; {Text("baseline", baseline)}; the baseline's beside / alone: "
                + $"{RowText.Number(baselineSlowdown.Median)}",
        });
    }

    private static string Text(string who, List<ReaderBesideTimes> runs) =>
        $"{who}: alone {Median(runs, times => times.Alone)} ns, invalidator {Median(runs, times => times.Invalidations)} Mops/s";

    private static string Median(List<ReaderBesideTimes> runs, Func<ReaderBesideTimes, double> figure) =>
        RowText.Number(Spread.Of(runs.Select(figure)).Median);
}
