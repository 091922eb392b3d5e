using ScottPlot;
using ScottPlot.Plottables;

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
            Row[] line = [.. rows.Where(row => row.Name == name && row.Baseline is not null).OrderBy(row => row.N)];
            if (line.Length == 0)
                continue;
            double[] counts = LogAxis.Of(line.Select(row => (double)row.N));
            Scatter ours = Add(plot, counts, line.Select(row => row.Ours!.Value), color, $"{name}, ours");
            ours.LineWidth = 3;
            Scatter baseline = Add(plot, counts, line.Select(row => row.Baseline!.Value), color, $"{name}, baseline");
            baseline.LineWidth = 1; // Not dashed: Skia's SVG has no dashes.
            baseline.MarkerShape = MarkerShape.OpenCircle;
        }

        LogAxis.Apply(plot.Axes.Bottom, value => RowText.Count((long)value));
        LogAxis.Apply(plot.Axes.Left, RowText.Time);
        plot.Title("Cost of an operation, one thread");
        plot.XLabel("notifiers");
        plot.YLabel("time");
        plot.Font.Set("DejaVu Sans"); // Else the font is the machine's.
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(path, 960, 520);
    }

    private static Scatter Add(Plot plot, double[] counts, IEnumerable<double> nanoseconds, Color color, string legend)
    {
        Scatter line = plot.Add.Scatter(counts, LogAxis.Of(nanoseconds));
        line.Color = color;
        line.MarkerSize = 7;
        line.LegendText = legend;
        return line;
    }
}
