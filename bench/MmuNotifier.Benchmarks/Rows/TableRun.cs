using Spectre.Console;

namespace MmuNotifier.Benchmarks;

/// <summary>One run of the table: what is wanted, and the rows so far.</summary>
internal sealed class TableRun(MeasuringPlan plan, string? filter)
{
    private readonly List<Row> _rows = [];

    internal MeasuringPlan Plan => plan;

    internal IReadOnlyList<Row> Rows => _rows;

    internal bool Wants(string name) => filter is null || name.Contains(filter, StringComparison.OrdinalIgnoreCase);

    internal bool WantsAny(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Wants(name))
                return true;
        }

        return false;
    }

    internal void Add(Row row)
    {
        _rows.Add(row);
        AnsiConsole.Console.Profile.Out.Writer.WriteLine(
            $"{row.Name}, N = {RowText.Count(row.N)}: {RowText.Ours(row)} against {RowText.Baseline(row)} {row.Unit}, {row.RatioOf} "
                + $"{RowText.Ratio(row)}");
    }

    /// <summary>Adds a row whose goal, if any, is about the median of its ratios.</summary>
    internal void AddRatio(string name, long n, string unit, PairedResult result, Goal? goal = null, string? note = null) => Add(new Row
    {
        Name = name,
        N = n,
        Unit = unit,
        Ours = result.Ours,
        Baseline = result.Baseline,
        Ratio = result.Ratio,
        Goal = goal,
        Reached = goal?.IsReachedBy(result.Ratio.Median),
        KernelC = KernelFigures.Of(name, n),
        Bytes = unit == "ns" ? result.BytesOurs : null,
        Note = note,
    });
}
