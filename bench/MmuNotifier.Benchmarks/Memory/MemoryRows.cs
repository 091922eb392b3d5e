using MmuNotifier.Benchmarks.Baseline;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Heap bytes of what lives long: a notifier with its share of the index, an invalidation that is held open.</summary>
internal static class MemoryRows
{
    private const int OpenInvalidations = 10_000;

    internal static void Run(TableRun run)
    {
        if (run.Wants(RowNames.BytesNotifier))
            AddNotifier(run, new WorkOrder(run.Plan.MemoryCount));
        if (run.Wants(RowNames.BytesActive))
            AddActive(run, new WorkOrder(OpenInvalidations));
    }

    private static void AddNotifier(TableRun run, WorkOrder order)
    {
        var ours = new MinimalNotifier[order.Count];
        var space = new AddressSpace();
        double oursBytes = HeapBytes.Each(order.Count, () =>
        {
            for (int i = 0; i < ours.Length; i++)
                space.Insert(ours[i] = new MinimalNotifier(), new AddressRange(order.StartOf(i), order.LastOf(i)));
        });
        var baseline = new MinimalKernelNotifier[order.Count];
        var subscriptions = new KernelSubscriptions();
        double baselineBytes = HeapBytes.Each(order.Count, () =>
        {
            for (int i = 0; i < baseline.Length; i++)
                subscriptions.Insert(baseline[i] = new MinimalKernelNotifier(), order.StartOf(i), order.LastOf(i));
        });
        Add(run, RowNames.BytesNotifier, order.Count, oursBytes, baselineBytes, Goal.OursAtMost(110, "bytes"));
        GC.KeepAlive(ours);
        GC.KeepAlive(space);
        GC.KeepAlive(baseline);
        GC.KeepAlive(subscriptions);
    }

    private static void AddActive(TableRun run, WorkOrder order)
    {
        (double ours, OursEngine _) = Hold<OursEngine, InvalidationScope>(order);
        (double baseline, BaselineEngine _) = Hold<BaselineEngine, BaselineScope>(order);
        Add(run, RowNames.BytesActive, order.Count, ours, baseline, Goal.OursAtMost(320, "bytes"));
    }

    /// <summary>Opens one invalidation of each notifier and holds all at the same time.</summary>
    private static (double Bytes, TEngine Engine) Hold<TEngine, TScope>(WorkOrder order)
        where TEngine : struct, IEngine<TEngine, TScope>
        where TScope : struct
    {
        TEngine engine = TEngine.Create(order);
        for (int position = 0; position < order.Count; position++)
            engine.Insert(position);
        var scopes = new TScope[order.Count];
        double bytes = HeapBytes.Each(order.Count, () =>
        {
            for (int position = 0; position < order.Count; position++)
                scopes[position] = engine.Start(order.PageIn(position), order.PageIn(position) + (WorkOrder.Page - 1));
        });
        for (int position = order.Count - 1; position >= 0; position--)
            engine.End(scopes[position]);
        return (bytes, engine);
    }

    private static void Add(TableRun run, string name, int n, double ours, double baseline, Goal goal) => run.Add(new Row
    {
        Name = name,
        N = n,
        Unit = "heap bytes each",
        Ours = Math.Round(ours, 1),
        Baseline = Math.Round(baseline, 1),
        Goal = goal,
        Reached = goal.IsReachedBy(ours),
        Ratio = baseline >= 1 ? new Spread(ours / baseline, ours / baseline, ours / baseline) : null,
    });
}
