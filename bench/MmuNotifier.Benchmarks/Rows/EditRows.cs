using System.Diagnostics;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Insertion while growing and removal, both in random order, one thread.</summary>
internal static class EditRows
{
    private const int Large = 1_000_000;

    /// <summary>Enough where there are few notifiers; each operation needs a new one, which takes longer to make than to insert.</summary>
    private const int MostOperations = 200_000;

    /// <summary>After so many of the longest rounds no new pair is begun.</summary>
    private const int MostLongRounds = 15;

    private const string RemoveNote = "what the release worker does in the background is not in the time";

    internal static void Run(TableRun run, int n)
    {
        if (!run.WantsAny(RowNames.Insert, RowNames.Remove))
            return;
        var order = new WorkOrder(n);
        long operations = WarmUp(run.Plan, order);
        var ours = new List<EditTimes>();
        var baseline = new List<EditTimes>();
        int pairs = n >= Large ? run.Plan.LargePairs : run.Plan.Pairs;
        long start = Stopwatch.GetTimestamp();
        for (int pair = 0; pair < pairs && (pair == 0 || Stopwatch.GetElapsedTime(start) < MostLongRounds * run.Plan.LongestEdits); pair++)
        {
            GC.Collect();
            ours.Add(EditSlices<OursEngine, InvalidationScope>.Measure(order, operations, run.Plan.LongestEdits));
            GC.Collect();
            baseline.Add(EditSlices<BaselineEngine, BaselineScope>.Measure(order, operations, run.Plan.LongestEdits));
        }

        Goal inserting = Goal.RatioAtMost(n >= 10_000 ? 1 : 1.5);
        if (run.Wants(RowNames.Insert))
            run.AddRatio(RowNames.Insert, n, "ns", Result(ours, baseline, t => t.InsertNanoseconds, t => t.InsertBytes), inserting);
        if (run.Wants(RowNames.Remove))
            run.AddRatio(
                RowNames.Remove, n, "ns", Result(ours, baseline, t => t.RemoveNanoseconds, t => t.RemoveBytes),
                Goal.RatioAtMost(2), RemoveNote);
    }

    /// <returns>How many operations make a round of the baseline as long as the plan wants it.</returns>
    private static long WarmUp(MeasuringPlan plan, WorkOrder order)
    {
        var few = order.Count > 10_000 ? new WorkOrder(10_000) : order;
        long start = Stopwatch.GetTimestamp();
        EditTimes times;
        do
        {
            EditSlices<OursEngine, InvalidationScope>.Measure(few, few.Count, plan.LongestEdits);
            times = EditSlices<BaselineEngine, BaselineScope>.Measure(few, few.Count, plan.LongestEdits);
        }
        while (Stopwatch.GetElapsedTime(start) < plan.WarmUp);
        return Math.Max(order.Count, Math.Min(MostOperations, (long)(plan.Round.TotalNanoseconds / times.InsertNanoseconds)));
    }

    private static PairedResult Result(
        List<EditTimes> ours, List<EditTimes> baseline, Func<EditTimes, double> nanoseconds, Func<EditTimes, long> bytes) =>
            PairedResult.Of(
            [.. ours.Select(nanoseconds)], [.. baseline.Select(nanoseconds)], BytesEach(ours, bytes), BytesEach(baseline, bytes));

    private static double BytesEach(List<EditTimes> times, Func<EditTimes, long> bytes) =>
        (double)times.Sum(bytes) / times.Sum(t => t.Operations);
}
