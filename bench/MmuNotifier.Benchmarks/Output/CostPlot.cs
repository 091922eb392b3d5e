using ScottPlot;

namespace MmuNotifier.Benchmarks;

/// <summary>Cost of an operation against the number of notifiers, ours and the baseline.</summary>
internal static class CostPlot
{
    private static readonly (string Name, Color Color)[] Lines =
    [
        (RowNames.HitOne, Colors.C0), (RowNames.HitNone, Colors.C1), (RowNames.Insert, Colors.C2), (RowNames.Read, Colors.C3),
    ];

    internal static void Write(string path, IReadOnlyList<Row> rows)
    {
        using var plot = new Plot();
        foreach ((string name, Color color) in Lines)
        {
            IEnumerable<Row> line = rows.Where(row => row.Name == name && row.Baseline is not null);
            CostLines.Add(plot, line, color, $"{name}, ours", $"{name}, baseline");
        }

        CostLines.Save(plot, path, "Cost of an operation, one thread", "notifiers");
    }
}
