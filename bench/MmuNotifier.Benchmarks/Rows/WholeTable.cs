namespace MmuNotifier.Benchmarks;

/// <summary>All rows, in the order of the table.</summary>
internal static class WholeTable
{
    internal static void Run(TableRun run)
    {
        foreach (int n in run.Plan.Counts)
            EditRows.Run(run, n);
        foreach (int n in run.Plan.Counts)
            QueryRows.Run(run, n);
        OnceRows.Run(run);
    }
}
