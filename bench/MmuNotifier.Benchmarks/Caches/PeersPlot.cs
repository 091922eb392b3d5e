using ScottPlot;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>Cost of a hit against the number of cached regions, ours and UCX, by one and by two threads.</summary>
internal static class PeersPlot
{
    internal static void Write(string path, IReadOnlyList<Row> rows)
    {
        using var plot = new Plot();
        AddLines(plot, rows, PeersRowNames.HitOneThread, "one thread", Colors.C0);
        AddLines(plot, rows, PeersRowNames.HitTwoThreads, "two threads", Colors.C1);
        CostLines.Save(plot, path, "Get and put of a cached registration, a thread and operation", "cached regions of 64 KiB");
    }

    private static void AddLines(Plot plot, IReadOnlyList<Row> rows, string name, string legend, Color color) =>
        CostLines.Add(plot, rows.Where(row => row.Name == name), color, $"ours, {legend}", $"UCX, {legend}");
}
