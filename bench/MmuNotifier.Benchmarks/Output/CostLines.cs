using ScottPlot;
using ScottPlot.Plottables;

namespace MmuNotifier.Benchmarks;

/// <summary>A plot of times against counts, both axes logarithmic: ours thick, what it is measured against thin, a colour a pair.</summary>
internal static class CostLines
{
    /// <summary>Adds the pair of lines of some rows, in the order of their counts; what has no figure is left out.</summary>
    internal static void Add(Plot plot, IEnumerable<Row> rows, Color color, string ours, string baseline)
    {
        Row[] line = [.. rows.OrderBy(row => row.N)];
        if (Add(plot, line, row => row.Ours, color, ours) is { } thick)
            thick.LineWidth = 3;
        if (Add(plot, line, row => row.Baseline, color, baseline) is not { } thin)
            return;
        thin.LineWidth = 1; // Not dashed: Skia's SVG has no dashes.
        thin.MarkerShape = MarkerShape.OpenCircle;
    }

    internal static void Save(Plot plot, string path, string title, string counts)
    {
        plot.Axes.AutoScale();
        LogAxis.Apply(plot.Axes.Bottom, value => RowText.Count((long)value));
        LogAxis.Apply(plot.Axes.Left, RowText.Time);
        plot.Title(title);
        plot.XLabel(counts);
        plot.YLabel("time");
        plot.Font.Set("DejaVu Sans"); // Else the font is the machine's.
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(path, 960, 520);
    }

    private static Scatter? Add(Plot plot, Row[] rows, Func<Row, double?> figure, Color color, string legend)
    {
        Row[] known = [.. rows.Where(row => figure(row) is not null)];
        if (known.Length == 0)
            return null;
        Scatter line = plot.Add.Scatter(
            LogAxis.Of(known.Select(row => (double)row.N)), LogAxis.Of(known.Select(row => figure(row)!.Value)));
        line.Color = color;
        line.MarkerSize = 7;
        line.LegendText = legend;
        return line;
    }
}
