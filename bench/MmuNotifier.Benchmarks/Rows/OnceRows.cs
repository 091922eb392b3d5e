using System.Diagnostics;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Many more notifiers, built once: shows that cost grows with the logarithm of their number.</summary>
internal static class OnceRows
{
    private static readonly string[] Names = [RowNames.Insert, RowNames.HitOne, RowNames.HitNone, RowNames.Read, RowNames.HitMany];

    internal static void Run(TableRun run)
    {
        if (run.Plan.OnceCount is not { } n || !run.WantsAny(Names))
            return;
        var order = new WorkOrder(n);
        var ours = new QuerySlices<OursEngine, InvalidationScope>(OursEngine.Create(order), order);
        var baseline = new QuerySlices<BaselineEngine, BaselineScope>(BaselineEngine.Create(order), order);
        GC.Collect();
        double oursNanoseconds = NanosecondsEach(ours.InsertAll, n);
        double baselineNanoseconds = NanosecondsEach(baseline.InsertAll, n);
        if (run.Wants(RowNames.Insert))
            run.AddRatio(RowNames.Insert, n, "ns", PairedResult.Of([oursNanoseconds], [baselineNanoseconds]), note: "measured once");
        QueryRows.Run(run, order, ours, baseline);
    }

    private static double NanosecondsEach(Action insertAll, int n)
    {
        long before = Stopwatch.GetTimestamp();
        insertAll();
        return Ticks.ToNanoseconds((double)(Stopwatch.GetTimestamp() - before) / n);
    }
}
