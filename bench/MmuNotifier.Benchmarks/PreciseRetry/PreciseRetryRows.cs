namespace MmuNotifier.Benchmarks;

/// <summary>What it saves that a read section names the part that it reads.</summary>
internal static class PreciseRetryRows
{
    internal static void Run(TableRun run)
    {
        if (!run.WantsAny(RowNames.RetriesPart, RowNames.RetriesWhole))
            return;
        var part = new List<FaultLoopResult>();
        var whole = new List<FaultLoopResult>();
        var baseline = new List<FaultLoopResult>();
        for (int round = 0; round < run.Plan.LargePairs; round++)
        {
            part.Add(new OurFaultLoop(namesPart: true).Run(run.Plan.Faults));
            whole.Add(new OurFaultLoop(namesPart: false).Run(run.Plan.Faults));
            baseline.Add(new BaselineFaultLoop().Run(run.Plan.Faults));
        }

        Add(run, RowNames.RetriesPart, part, baseline);
        Add(run, RowNames.RetriesWhole, whole, baseline);
    }

    private static void Add(TableRun run, string name, List<FaultLoopResult> ours, List<FaultLoopResult> baseline)
    {
        if (!run.Wants(name))
            return;
        PairedResult retries = PairedResult.Of(
            [.. ours.Select(result => result.RetriesPerThousand)], [.. baseline.Select(result => result.RetriesPerThousand)]);
        run.AddRatio(
            name, 1, "retries per 1000 faults", retries,
            note: $"a fault took {Time(ours)} µs, the baseline's {Time(baseline)}; its sections are over the whole notifier");
    }

    private static string Time(List<FaultLoopResult> results) =>
        RowText.Number(Spread.Of(results.Select(result => result.MicrosecondsEach)).Median);
}
