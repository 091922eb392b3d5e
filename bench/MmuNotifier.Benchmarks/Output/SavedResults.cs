namespace MmuNotifier.Benchmarks;

/// <summary>The results that are committed, one folder for each kind of CPU.</summary>
internal static class SavedResults
{
    /// <returns>The folder.</returns>
    internal static string Write(TableReport report, MeasuringPlan plan)
    {
        string folder = Path.Combine(Repository.Root, "bench", "results", report.Machine.Slug);
        Write(folder, report, plan);
        return folder;
    }

    internal static void Write(string folder, TableReport report, MeasuringPlan plan)
    {
        Directory.CreateDirectory(folder);
        TableJson.Write(Path.Combine(folder, "table.json"), report);
        TableMarkdown.Write(Path.Combine(folder, "table.md"), report);
        CostPlot.Write(Path.Combine(folder, "cost.svg"), report.Rows);
        LatencyPlot.Write(Path.Combine(folder, "latency.svg"), report.Rows, plan.Never);
    }
}
