using System.Text;

namespace MmuNotifier.Benchmarks;

/// <summary>The table as Markdown.</summary>
internal static class TableMarkdown
{
    internal static void Write(string path, TableReport report)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(report.Machine.Cpu).Append("\n\n").Append(report.Heading).Append(".\n");
        text.Append("What the rows are and how to read them: docs/benchmarks.md.\n\n");
        AppendLine(
            text, "row", "N", "unit", "ours", "baseline", "ratio (least–greatest)", "ratio of", "goal", "reached", "kernelC", "bytes");
        AppendRule(text, 11);
        foreach (Row row in report.Rows)
        {
            AppendLine(
                text,
                row.Name,
                RowText.Count(row.N),
                row.Unit,
                RowText.Ours(row),
                RowText.Baseline(row),
                RowText.Ratio(row),
                row.Ratio is null ? "" : row.RatioOf,
                RowText.Goal(row),
                RowText.Reached(row),
                RowText.KernelC(row),
                RowText.Bytes(row));
        }

        AppendLatencies(text, report.Rows);
        AppendNotes(text, report.Rows);
        File.WriteAllText(path, text.ToString());
    }

    private static void AppendLatencies(StringBuilder text, IReadOnlyList<Row> rows)
    {
        text.Append("\nDurations of single calls:\n\n");
        AppendLine(text, "row", "who", "calls", "p50", "p99", "p99.9", "max");
        AppendRule(text, 7);
        foreach (Row row in rows.Where(row => row.OursLatency is not null))
        {
            AppendLatency(text, row, "ours", row.OursLatency, RowText.Ours(row));
            AppendLatency(text, row, "baseline", row.BaselineLatency, RowText.Baseline(row));
        }
    }

    private static void AppendLatency(StringBuilder text, Row row, string who, Percentiles? latency, string otherwise)
    {
        if (latency is null)
            AppendLine(text, row.Name, who, otherwise, "", "", "", "");
        else
            AppendLine(
                text, row.Name, who, RowText.Count(latency.Calls), RowText.Time(latency.P50), RowText.Time(latency.P99),
                RowText.Time(latency.P999), RowText.Time(latency.Max));
    }

    private static void AppendNotes(StringBuilder text, IReadOnlyList<Row> rows)
    {
        text.Append('\n');
        foreach (IGrouping<string, Row> note in rows.Where(row => row.Note is not null).GroupBy(row => row.Note!))
            text.Append("- ").AppendJoin("; ", note.Select(row => row.Name).Distinct()).Append(": ").Append(note.Key).Append('\n');
    }

    private static void AppendLine(StringBuilder text, params ReadOnlySpan<string> cells)
    {
        text.Append('|');
        foreach (string cell in cells)
            text.Append(' ').Append(cell).Append(" |");
        text.Append('\n');
    }

    private static void AppendRule(StringBuilder text, int columns) => text.Append('|').Insert(text.Length, "---|", columns).Append('\n');
}
