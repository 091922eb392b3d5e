namespace MmuNotifier.Benchmarks.Caches;

/// <summary>Look-ups that the cache answers, and misses.</summary>
internal static class HitRows
{
    /// <summary>Nanoseconds that the goal allows at so many regions.</summary>
    private static readonly Dictionary<int, double> s_goals = new() { [1] = 27, [1000] = 30, [100_000] = 50 };

    private static readonly string[] s_names = [PeersRowNames.HitOneThread, PeersRowNames.HitTwoThreads, PeersRowNames.HitInOrder];

    private static readonly string[] s_namesAssuming =
        [PeersRowNames.HitAssuming, PeersRowNames.HitAssumingTwoThreads, PeersRowNames.HitAssumingInOrder];

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
        SideProcess[] sides = run.Ucx is { } ucx ? [run.Ours, run.Assuming, ucx] : [run.Ours, run.Assuming];
        Func<SideProcess, double>[] questions =
        [
            side => side.Ask(Question.Hit, count, 1, plan.Milliseconds),
            side => side.Ask(Question.Hit, count, 2, plan.Milliseconds),
            side => side.Ask(Question.HitInOrder, count, 1, plan.Milliseconds),
        ];
        List<double>[] values = InTurn.Measure(
            plan.Rounds, [.. questions.SelectMany(question => sides.Select(side => new Func<double>(() => question(side))))]);
        Goal? goal = s_goals.TryGetValue(count, out double limit) ? Goal.OursAtMost(limit, "ns") : null;
        for (int i = 0; i < questions.Length; i++)
        {
            List<double>[] answers = values[(i * sides.Length)..((i + 1) * sides.Length)];
            List<double>? ofUcx = answers.Length > 2 ? answers[2] : null;
            run.AddBesideUcx(s_names[i], count, "ns", answers[0], ofUcx, goal);
            run.AddBesideUcx(s_namesAssuming[i], count, "ns", answers[1], ofUcx, goal);
        }
    }

    private static void RunUncommon(PeersRun run)
    {
        PeersPlan plan = run.Plan;
        List<double>[] values = InTurn.Measure(
            plan.Rounds,
            [
                () => run.Ours.Ask(Question.CaughtUp, plan.Calls),
                () => run.VerifyOnHit.Ask(Question.Hit, UsualCount, 1, plan.Milliseconds),
                () => run.Ours.Ask(Question.ShareCaughtUp, UsualCount, 1, plan.Milliseconds),
                () => run.Ours.Ask(Question.Miss, plan.Calls),
                .. run.Ucx is { } ucx ? [() => ucx.Ask(Question.Miss, plan.Calls)] : Array.Empty<Func<double>>(),
            ]);
        run.Add(PeersRowNames.CaughtUp, UsualCount, "ns", values[0], other: null, "");
        run.Add(PeersRowNames.ShareCaughtUp, UsualCount, "%", values[2], other: null, "");
        run.Add(PeersRowNames.VerifyOnHit, UsualCount, "ns", values[1], other: null, "");
        run.AddBesideUcx(PeersRowNames.Miss, 1, "ns", values[3], values.Length > 4 ? values[4] : null);
    }
}
