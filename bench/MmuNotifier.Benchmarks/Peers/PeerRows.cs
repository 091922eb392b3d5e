using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// Our insertions and invalidations beside the bare insertions and queries of index structures of other packages. They do much less:
/// the rows show what an index alone costs in .NET, not an alternative to the engine.
/// </summary>
internal static class PeerRows
{
    private static readonly int[] Counts = [100, 10_000];

    private static readonly Func<IPeerIndex>[] Peers = [() => new BintreePeer(), () => new PackedTreePeer()];

    /// <summary>Repeated so often that a filled index of few is not too short to time.</summary>
    private const int LeastInserted = 10_000;

    private const string Note = "index structure only: no callbacks, no active invalidations, no read sections, no threads";

    internal static void Run(TableRun run)
    {
        foreach (Func<IPeerIndex> create in Peers)
        {
            foreach (int n in Counts)
                Run(run, create, n);
        }
    }

    private static void Run(TableRun run, Func<IPeerIndex> create, int n)
    {
        string name = $"peer index: {create().Name}";
        if (!run.Wants(name))
            return;
        var order = new WorkOrder(n);
        var ours = new QuerySlices<OursEngine, InvalidationScope>(OursEngine.Create(order), order);
        ours.InsertAll();
        var peer = new PeerSlices(create(), order);
        peer.Fill();
        AddRow(run, $"{name}, insert", n, Insertions(run.Plan, create, order));
        AddRow(run, $"{name}, query that hits 1", n, new PairedRounds(ours.HitOne, peer.HitOne, order.RoundLength).Measure(run.Plan));
        AddRow(run, $"{name}, query that hits none", n, new PairedRounds(ours.HitNone, peer.HitNone, order.RoundLength).Measure(run.Plan));
    }

    private static PairedResult Insertions(MeasuringPlan plan, Func<IPeerIndex> create, WorkOrder order)
    {
        var ours = new List<double>();
        var peer = new List<double>();
        for (int pair = -1; pair < plan.LargePairs; pair++)
        {
            double our = EditSlices<OursEngine, InvalidationScope>.MeasureInsertion(order, LeastInserted).InsertNanoseconds;
            double other = FillNanoseconds(create, order);
            if (pair < 0)
                continue; // The first warms up.
            ours.Add(our);
            peer.Add(other);
        }

        return PairedResult.Of(ours, peer);
    }

    private static double FillNanoseconds(Func<IPeerIndex> create, WorkOrder order)
    {
        long ticks = 0;
        long inserted = 0;
        while (inserted < LeastInserted)
        {
            ticks += new PeerSlices(create(), order).Fill();
            inserted += order.Count;
        }

        return Ticks.ToNanoseconds((double)ticks / inserted);
    }

    private static void AddRow(TableRun run, string name, int n, PairedResult result) => run.Add(new Row
    {
        Name = name,
        N = n,
        Unit = "ns",
        Ours = result.Ours,
        Baseline = result.Baseline,
        Against = name[..name.LastIndexOf(',')],
        Ratio = result.Ratio,
        RatioOf = "ours / peer",
        Note = Note,
    });
}
