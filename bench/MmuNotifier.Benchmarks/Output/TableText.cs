using Spectre.Console;

namespace MmuNotifier.Benchmarks;

/// <summary>The table on the terminal.</summary>
internal static class TableText
{
    private const int Width = 230;

    internal static void Write(TableReport report)
    {
        IReadOnlyList<Row> rows = report.Rows;
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, Width); // Whole also in a file.
        AnsiConsole.Write(Figures(rows));
        if (rows.Any(row => row.OursLatency is not null))
            AnsiConsole.Write(Latencies(rows));
        foreach (IGrouping<string, Row> note in rows.Where(row => row.Note is not null).GroupBy(row => row.Note!))
            AnsiConsole.WriteLine($"{string.Join("; ", note.Select(row => row.Name).Distinct())}: {note.Key}");
        AnsiConsole.WriteLine(report.Heading);
    }

    private static Table Figures(IReadOnlyList<Row> rows)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumns(
            "row", "N", "unit", "ours", "baseline", "ratio (least–greatest)", "ratio of", "goal", "reached", "kernelC", "bytes");
        foreach (Row row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Name),
                RowText.Count(row.N),
                row.Unit,
                RowText.Ours(row),
                Markup.Escape(RowText.Baseline(row)),
                RowText.Ratio(row),
                row.Ratio is null ? "" : row.RatioOf,
                RowText.Goal(row),
                row.Reached switch { true => "[green]yes[/]", false => "[red]no[/]", null => "–" },
                RowText.KernelC(row),
                RowText.Bytes(row));
        }

        return table;
    }

    private static Table Latencies(IReadOnlyList<Row> rows)
    {
        Table table = new Table().Border(TableBorder.Simple).Title("Durations of single calls");
        table.AddColumns("row", "who", "calls", "p50", "p99", "p99.9", "max");
        foreach (Row row in rows)
        {
            if (row.OursLatency is { } ours)
                AddLatency(table, row.Name, "ours", ours);
            if (row.BaselineLatency is { } baseline)
                AddLatency(table, row.Name, "baseline", baseline);
            else if (row.OursLatency is not null)
                table.AddRow(row.Name, "baseline", RowText.Baseline(row), "", "", "", "");
        }

        return table;
    }

    private static void AddLatency(Table table, string name, string who, Percentiles latency) => table.AddRow(
        name,
        who,
        RowText.Count(latency.Calls),
        RowText.Time(latency.P50),
        RowText.Time(latency.P99),
        RowText.Time(latency.P999),
        RowText.Time(latency.Max));
}
