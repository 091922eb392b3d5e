using ScottPlot;
using ScottPlot.Plottables;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>Cost of a hit against the number of cached regions, ours and UCX, by one and by two threads.</summary>
internal static class PeersPlot
{
    internal static void Write(string path, IReadOnlyList<Row> rows)
    {
        using var plot = new Plot();
        AddLines(plot, rows, PeersRowNames.HitOneThread, "one thread", Colors.C0);
        AddLines(plot, rows, PeersRowNames.HitTwoThreads, "two threads", Colors.C1);
        LogAxis.Apply(plot.Axes.Bottom, value => RowText.Count((long)value));
        LogAxis.Apply(plot.Axes.Left, RowText.Time);
        plot.Title("Get and put of a cached registration, a thread and operation");
        plot.XLabel("cached regions of 64 KiB");
        plot.YLabel("time");
        plot.Font.Set("DejaVu Sans"); // Else the font is the machine's.
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(path, 960, 520);
    }

    private static void AddLines(Plot plot, IReadOnlyList<Row> rows, string name, string legend, Color color)
    {
        Row[] line = [.. rows.Where(row => row.Name == name).OrderBy(row => row.N)];
        Scatter ours = Add(plot, line, row => row.Ours, color, $"ours, {legend}");
        ours.LineWidth = 3;
        if (!line.Any(row => row.Baseline is not null))
            return;
        Scatter ucx = Add(plot, line, row => row.Baseline, color, $"UCX, {legend}");
        ucx.LineWidth = 1; // Not dashed: Skia's SVG has no dashes.
        ucx.MarkerShape = MarkerShape.OpenCircle;
    }

    private static Scatter Add(Plot plot, Row[] rows, Func<Row, double?> figure, Color color, string legend)
    {
        Row[] known = [.. rows.Where(row => figure(row) is not null)];
        Scatter line = plot.Add.Scatter(LogAxis.Of(known.Select(row => (double)row.N)), LogAxis.Of(known.Select(row => figure(row)!.Value)));
        line.Color = color;
        line.MarkerSize = 7;
        line.LegendText = legend;
        return line;
    }
}
