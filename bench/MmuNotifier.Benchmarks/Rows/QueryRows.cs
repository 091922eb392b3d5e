using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Invalidations and read sections over N notifiers, one thread.</summary>
internal static class QueryRows
{
    private static readonly string[] Names =
    [
        RowNames.HitOne, RowNames.HitNone, RowNames.Read, RowNames.HitMany, RowNames.HitOneAfterRead, RowNames.HitManyAfterReads,
        RowNames.BytesInvalidation, RowNames.BytesInvalidationMany, RowNames.BytesRead,
    ];

    /// <summary>The number of notifiers at which allocation gets rows of its own; elsewhere it is a column.</summary>
    private const int AllocationCount = 10_000;

    internal static void Run(TableRun run, int n)
    {
        if (!run.WantsAny(Names))
            return;
        var order = new WorkOrder(n);
        var ours = new QuerySlices<OursEngine, InvalidationScope>(OursEngine.Create(order), order);
        var baseline = new QuerySlices<BaselineEngine, BaselineScope>(BaselineEngine.Create(order), order);
        ours.InsertAll();
        baseline.InsertAll();
        Run(run, order, ours, baseline);
    }

    /// <summary>The rows over notifiers that are inserted already.</summary>
    internal static void Run(
        TableRun run, WorkOrder order, QuerySlices<OursEngine, InvalidationScope> ours, QuerySlices<BaselineEngine, BaselineScope> baseline)
    {
        int n = order.Count;
        GC.Collect();
        Goal? hittingOne = n switch
        {
            1 => Goal.RatioAtMost(1.8),
            100 => Goal.RatioAtMost(1),
            10_000 => Goal.RatioAtMost(0.5),
            1_000_000 => Goal.RatioAtMost(0.3),
            _ => null,
        };
        Goal? hittingNone = n switch
        {
            1 => Goal.RatioAtMost(1.5),
            100 => Goal.RatioAtMost(0.8),
            10_000 => Goal.RatioAtMost(0.5),
            1_000_000 => Goal.RatioAtMost(0.3),
            _ => null,
        };
        Goal? many = n switch { 10_000 => Goal.RatioAtMost(0.7), 1_000_000 => Goal.RatioAtMost(0.5), _ => null };
        Add(run, order, RowNames.HitOne, RowNames.BytesInvalidation, hittingOne, ours.HitOne, baseline.HitOne);
        Add(run, order, RowNames.HitOneAfterRead, null, hittingOne, ours.HitOneAfterRead, baseline.HitOneAfterRead);
        Add(run, order, RowNames.HitNone, null, hittingNone, ours.HitNone, baseline.HitNone);
        Add(run, order, RowNames.Read, RowNames.BytesRead, Goal.RatioAtMost(n > 1_000_000 ? 1 : 0.5), ours.Read, baseline.Read);
        if (n < QuerySlices<OursEngine, InvalidationScope>.Neighbours)
            return;
        Add(run, order, RowNames.HitMany, RowNames.BytesInvalidationMany, many, ours.HitMany, baseline.HitMany);
        Add(run, order, RowNames.HitManyAfterReads, null, many, ours.HitManyAfterReads, baseline.HitManyAfterReads);
    }

    private static void Add(TableRun run, WorkOrder order, string name, string? bytesName, Goal? goal, Slice ours, Slice baseline)
    {
        bool wantsBytes = bytesName is not null && order.Count == AllocationCount && run.Wants(bytesName);
        if (!run.Wants(name) && !wantsBytes)
            return;
        PairedResult result = new PairedRounds(ours, baseline, order.RoundLength).Measure(run.Plan);
        if (run.Wants(name))
            run.AddRatio(name, order.Count, "ns", result, goal);
        if (wantsBytes)
            AddBytes(run, bytesName!, order.Count, result);
    }

    private static void AddBytes(TableRun run, string name, int n, PairedResult result)
    {
        Goal goal = Goal.OursAtMost(0, "bytes");
        run.Add(new Row
        {
            Name = name,
            N = n,
            Unit = "bytes",
            Ours = result.BytesOurs,
            Baseline = result.BytesBaseline,
            Goal = goal,
            Reached = goal.IsReachedBy(result.BytesOurs),
            KernelC = KernelFigures.Of(name, n),
        });
    }
}
