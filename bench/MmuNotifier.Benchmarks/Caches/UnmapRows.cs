namespace MmuNotifier.Benchmarks.Caches;

/// <summary>What others pay for being watched, and for not being watched.</summary>
internal static class UnmapRows
{
    private const int CachedBesideBystander = 1000;

    internal static void Run(PeersRun run)
    {
        RunBystander(run);
        RunWatched(run);
    }

    private static void RunWatched(PeersRun run)
    {
        int calls = run.Plan.Calls;
        var measurements = new List<Func<double>>
        {
            () => run.Ours.Ask(Question.UnmapWatched, calls),
            () => run.Bare.Ask(Question.Unmap, calls),
            () => run.Floor.Ask(Question.UnmapWatched, calls),
        };
        if (run.Ucx is { } ucx && run.BareC is { } bare)
        {
            measurements.Add(() => ucx.Ask(Question.UnmapWatched, calls));
            measurements.Add(() => bare.Ask(Question.Unmap, calls));
        }

        List<double>[] values = InTurn.Measure(run.Plan.Rounds, [.. measurements]);
        bool hasUcx = values.Length > 3;
        run.Add(PeersRowNames.UnmapWatchedFloor, 1, "ns", values[0], values[2], "ours / the event", Goal.RatioAtMost(1));
        run.Add(PeersRowNames.UnmapWatchedBare, 1, "ns", values[0], values[1], "ours / bare");
        run.AddBesideUcx(PeersRowNames.UnmapWatchedUcx, 1, "ns", values[0], hasUcx ? values[3] : null);
        if (hasUcx)
            run.Add(PeersRowNames.UnmapUcxBare, 1, "ns", values[3], values[4], "UCX / bare", note: "the first figure is UCX's");
    }

    /// <summary>
    /// Measures one process alternately with and without a watch of 1,000 cached regions. Two processes would differ by more than that.
    /// </summary>
    private static void RunBystander(PeersRun run)
    {
        int calls = run.Plan.Calls;
        List<double>[] values = InTurn.Measure(
            run.Plan.BystanderRounds,
            () =>
            {
                run.Ours.Ask(Question.HitBytes, CachedBesideBystander); // Watches and fills.
                return run.Ours.Ask(Question.Unmap, calls);
            },
            () =>
            {
                run.Ours.Ask(Question.End);
                return run.Ours.Ask(Question.Unmap, calls);
            });
        run.Add(PeersRowNames.Bystander, CachedBesideBystander, "ns", values[0], values[1], "ours / bare", Goal.RatioAtMost(1.05));
    }
}
