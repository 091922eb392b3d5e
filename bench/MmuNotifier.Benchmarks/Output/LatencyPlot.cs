using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace MmuNotifier.Benchmarks;

/// <summary>How long single calls took beside streams of invalidations that do not concern them.</summary>
internal static class LatencyPlot
{
    private static readonly (string Name, string Legend, Color Color)[] Lines =
    [
        (RowNames.ReaderGapless, "ReadBegin, gapless stream", Colors.C0),
        (RowNames.ReaderNatural, "ReadBegin, natural streams", Colors.C1),
        (RowNames.RemoverGapless, "Remove, gapless stream", Colors.C2),
        (RowNames.RemoverNatural, "Remove, natural streams", Colors.C3),
    ];

    private static readonly double[] Positions = [0, 1, 2, 3];
    private static readonly string[] Labels = ["p50", "p99", "p99.9", "max"];

    internal static void Write(string path, IReadOnlyList<Row> rows, TimeSpan never)
    {
        using var plot = new Plot();
        foreach ((string name, string legend, Color color) in Lines)
        {
            if (rows.FirstOrDefault(row => row.Name == name) is not { } row)
                continue;
            if (row.OursLatency is { } ours)
                Add(plot, ours, color, $"{legend}, ours");
            if (row.BaselineLatency is { } baseline && row.BaselineText is null)
                Add(plot, baseline, color, $"{legend}, baseline").MarkerShape = MarkerShape.OpenCircle;
        }

        AddLimit(plot, 1e6, "goal at p99.9: 1 ms", Colors.Green);
        if (rows.Any(row => row.BaselineText is not null && Lines.Any(line => line.Name == row.Name)))
            AddLimit(plot, never.TotalNanoseconds, $"baseline: had not come back after {RowText.Time(never.TotalNanoseconds)}", Colors.Red);
        plot.Axes.SetLimits(-0.2, 3.2, 1, Math.Max(10.2, Math.Log10(Slowest(rows)) + 0.2));
        LogAxis.Apply(plot.Axes.Left, RowText.Time);
        plot.Axes.Bottom.TickGenerator = new NumericManual(Positions, Labels);
        plot.Title("Calls on Y while two threads invalidate X1 and X2");
        plot.YLabel("time of a call");
        plot.Font.Set("DejaVu Sans"); // Else the font is the machine's.
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(path, 960, 520);
    }

    private static double Slowest(IReadOnlyList<Row> rows) =>
        rows.Where(row => Lines.Any(line => line.Name == row.Name)).Select(row => row.OursLatency?.Max ?? 1).DefaultIfEmpty(1).Max();

    private static Scatter Add(Plot plot, Percentiles latency, Color color, string legend)
    {
        Scatter line = plot.Add.Scatter(Positions, LogAxis.Of([latency.P50, latency.P99, latency.P999, latency.Max]));
        line.Color = color;
        line.LineWidth = 2;
        line.MarkerSize = 8;
        line.LegendText = legend;
        return line;
    }

    private static void AddLimit(Plot plot, double nanoseconds, string legend, Color color)
    {
        HorizontalLine line = plot.Add.HorizontalLine(Math.Log10(nanoseconds));
        line.Color = color;
        line.LineWidth = 1;
        line.LegendText = legend;
    }
}
