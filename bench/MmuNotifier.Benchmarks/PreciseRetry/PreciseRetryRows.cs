namespace MmuNotifier.Benchmarks;

/// <summary>What it saves that a read section names the part that it reads.</summary>
internal static class PreciseRetryRows
{
    internal static void Run(TableRun run)
    {
        if (!run.WantsAny(RowNames.RetriesPart, RowNames.RetriesWhole))
            return;
        int faults = run.Plan.Faults;
        FaultLoopResult part = new OurFaultLoop(namesPart: true).Run(faults);
        FaultLoopResult whole = new OurFaultLoop(namesPart: false).Run(faults);
        FaultLoopResult baseline = new BaselineFaultLoop().Run(faults);
        Add(run, RowNames.RetriesPart, part, baseline);
        Add(run, RowNames.RetriesWhole, whole, baseline);
    }

    private static void Add(TableRun run, string name, FaultLoopResult ours, FaultLoopResult baseline)
    {
        if (!run.Wants(name))
            return;
        double ratio = ours.RetriesPerThousand / baseline.RetriesPerThousand;
        run.Add(new Row
        {
            Name = name,
            N = 1,
            Unit = "retries per 1000 faults",
            Ours = ours.RetriesPerThousand,
            Baseline = baseline.RetriesPerThousand,
            Ratio = double.IsFinite(ratio) ? new Spread(ratio, ratio, ratio) : null,
            Note = $"a fault took {RowText.Number(ours.MicrosecondsEach)} µs, the baseline's {RowText.Number(baseline.MicrosecondsEach)}; its sections are over the whole notifier",
        });
    }
}
