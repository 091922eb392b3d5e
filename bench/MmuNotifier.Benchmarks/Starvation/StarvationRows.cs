using System.Globalization;
using BaselineScenario =
    MmuNotifier.Benchmarks.StarvationScenario<MmuNotifier.Benchmarks.Engines.BaselineEngine, MmuNotifier.Benchmarks.Engines.BaselineScope>;
using OurScenario = MmuNotifier.Benchmarks.StarvationScenario<MmuNotifier.Benchmarks.Engines.OursEngine, MmuNotifier.InvalidationScope>;

namespace MmuNotifier.Benchmarks;

/// <summary>Callers beside streams of invalidations that do not concern them.</summary>
internal static class StarvationRows
{
    /// <summary>X1, X2 and Y; what is removed or inserted comes on top.</summary>
    private const int Count = 3;

    private static readonly Goal UnderOneMillisecond = Goal.P999Below(1000, "µs");

    internal static void Run(TableRun run)
    {
        MeasuringPlan plan = run.Plan;
        Add(run, RowNames.ReaderGapless, () => OurScenario.Read(plan, gapless: true), () => BaselineScenario.Read(plan, gapless: true));
        Add(run, RowNames.ReaderNatural, () => OurScenario.Read(plan, gapless: false), () => BaselineScenario.Read(plan, gapless: false));
        Add(run, RowNames.RemoverGapless, () =>
            OurScenario.Remove(plan, gapless: true), () => BaselineScenario.Remove(plan, gapless: true));
        Add(run, RowNames.RemoverNatural, () =>
            OurScenario.Remove(plan, gapless: false), () => BaselineScenario.Remove(plan, gapless: false));
        if (!run.WantsAny(RowNames.PileUp, RowNames.PileUpPending))
            return;
        TimedCalls ours = OurScenario.Insert(plan);
        TimedCalls baseline = BaselineScenario.Insert(plan);
        AddLatency(run, RowNames.PileUp, ours, baseline);
        AddPending(run, ours.WithoutEffect, baseline.WithoutEffect);
    }

    private static void Add(TableRun run, string name, Func<TimedCalls> ours, Func<TimedCalls> baseline)
    {
        if (run.Wants(name))
            AddLatency(run, name, ours(), baseline());
    }

    private static void AddLatency(TableRun run, string name, TimedCalls ours, TimedCalls baseline) => run.Add(new Row
    {
        Name = name,
        N = Count,
        Unit = "µs, p99.9",
        Ours = Microseconds(ours),
        Baseline = Microseconds(baseline),
        BaselineText = Never(run.Plan, baseline),
        Goal = UnderOneMillisecond,
        Reached = IsComplete(run.Plan, ours) && Microseconds(ours) is { } p999 && UnderOneMillisecond.IsReachedBy(p999),
        KernelC = KernelFigures.Of(name, Count),
        OursLatency = ours.Latency,
        BaselineLatency = baseline.Latency,
        Note = IsComplete(run.Plan, ours)
            ? null
            : "ours: " + (Never(run.Plan, ours)
                ?? $"only {ours.Latency?.Calls} calls within {RowText.Time(run.Plan.Longest.TotalNanoseconds)}"),
    });

    private static void AddPending(TableRun run, int ours, int baseline)
    {
        Goal goal = Goal.OursAtMost(0, "");
        run.Add(new Row
        {
            Name = RowNames.PileUpPending,
            N = Count,
            Unit = string.Create(CultureInfo.InvariantCulture, $"of {run.Plan.TimedCalls}"),
            Ours = ours,
            Baseline = baseline,
            Goal = goal,
            Reached = goal.IsReachedBy(ours),
        });
    }

    private static bool IsComplete(MeasuringPlan plan, TimedCalls calls) => !calls.GaveUp && calls.Latency?.Calls == plan.TimedCalls;

    private static double? Microseconds(TimedCalls calls) => calls.GaveUp ? null : calls.Latency?.P999 / 1000;

    private static string? Never(MeasuringPlan plan, TimedCalls calls) => calls switch
    {
        { GaveUp: false } => null,
        { Latency: null } => $"never ({RowText.Time(plan.Never.TotalNanoseconds)})",
        _ => $"{calls.Latency.Calls} calls, then never ({RowText.Time(plan.Never.TotalNanoseconds)})",
    };
}
