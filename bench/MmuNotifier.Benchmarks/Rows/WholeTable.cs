namespace MmuNotifier.Benchmarks;

/// <summary>All rows, in the order of the table.</summary>
internal static class WholeTable
{
    internal static void Run(TableRun run)
    {
        Verification.Run();
        foreach (int n in run.Plan.Counts)
            EditRows.Run(run, n);
        foreach (int n in run.Plan.Counts)
            QueryRows.Run(run, n);
        OnceRows.Run(run);
        TwoThreadRows.Run(run);
        ReaderBesideRows.Run(run);
        StarvationRows.Run(run);
        PreciseRetryRows.Run(run);
        MemoryRows.Run(run);
        PeerRows.Run(run);
    }
}
