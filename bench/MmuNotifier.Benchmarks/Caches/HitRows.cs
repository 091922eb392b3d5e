namespace MmuNotifier.Benchmarks.Caches;

/// <summary>Look-ups that the cache answers, and misses.</summary>
internal static class HitRows
{
    /// <summary>Nanoseconds that the goal allows at so many regions.</summary>
    private static readonly Dictionary<int, double> s_goals = new() { [1] = 27, [1000] = 30, [100_000] = 50 };

    private const int UsualCount = 1000;

    internal static void Run(PeersRun run)
    {
        RunUncommon(run);
        foreach (int count in run.Plan.Counts)
            RunHits(run, count);
        List<double>[] bytes = InTurn.Measure(3, () => run.Ours.Ask(Question.HitBytes, UsualCount));
        run.Add(PeersRowNames.HitBytes, UsualCount, "B", bytes[0], other: null, "", Goal.OursAtMost(0, "B"));
    }

    private static void RunHits(PeersRun run, int count)
    {
        PeersPlan plan = run.Plan;
        var measurements = new List<Func<double>>();
        for (int threads = 1; threads <= 2; threads++)
        {
            int number = threads;
            measurements.Add(() => run.Ours.Ask(Question.Hit, count, number, plan.Milliseconds));
            if (run.Ucx is { } ucx)
                measurements.Add(() => ucx.Ask(Question.Hit, count, number, plan.Milliseconds));
        }

        measurements.Add(() => run.Ours.Ask(Question.HitInOrder, count, 1, plan.Milliseconds));
        if (run.Ucx is { } other)
            measurements.Add(() => other.Ask(Question.HitInOrder, count, 1, plan.Milliseconds));
        List<double>[] values = InTurn.Measure(plan.Rounds, [.. measurements]);
        Goal? goal = s_goals.TryGetValue(count, out double limit) ? Goal.OursAtMost(limit, "ns") : null;
        bool hasUcx = run.Ucx is not null;
        run.AddBesideUcx(PeersRowNames.HitOneThread, count, "ns", values[0], hasUcx ? values[1] : null, goal);
        run.AddBesideUcx(PeersRowNames.HitTwoThreads, count, "ns", values[hasUcx ? 2 : 1], hasUcx ? values[3] : null, goal);
        run.AddBesideUcx(PeersRowNames.HitInOrder, count, "ns", values[hasUcx ? 4 : 2], hasUcx ? values[5] : null, goal);
    }

    private static void RunUncommon(PeersRun run)
    {
        PeersPlan plan = run.Plan;
        List<double>[] values = InTurn.Measure(
            plan.Rounds,
            [
                () => run.Ours.Ask(Question.CaughtUp, plan.Calls),
                () => run.Strict.Ask(Question.Hit, UsualCount, 1, plan.Milliseconds),
                () => run.Ours.Ask(Question.ShareCaughtUp, UsualCount, 1, plan.Milliseconds),
                () => run.Ours.Ask(Question.Miss, plan.Calls),
                .. run.Ucx is { } ucx ? [() => ucx.Ask(Question.Miss, plan.Calls)] : Array.Empty<Func<double>>(),
            ]);
        run.Add(PeersRowNames.CaughtUp, UsualCount, "ns", values[0], other: null, "");
        run.Add(PeersRowNames.ShareCaughtUp, UsualCount, "%", values[2], other: null, "");
        run.Add(PeersRowNames.Strict, UsualCount, "ns", values[1], other: null, "");
        run.AddBesideUcx(PeersRowNames.Miss, 1, "ns", values[3], values.Length > 4 ? values[4] : null);
    }
}
