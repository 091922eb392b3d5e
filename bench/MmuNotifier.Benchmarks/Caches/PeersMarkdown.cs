using System.Text;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>The comparison as Markdown.</summary>
internal static class PeersMarkdown
{
    internal static string Of(TableReport report)
    {
        var text = new StringBuilder();
        text.Append("# Peers side by side: ").Append(report.Machine.Cpu).Append("\n\n").Append(report.Heading).Append(".\n");
        text.Append("What the rows are and how to read them: docs/benchmarks.md. Columns with * are "
            + "").Append(PeerFigures.Conditions).Append(".\n\n");
        AppendLine(
            text, "row", "regions", "ratio (least–greatest)", "ratio of", "ours", "other", "unit", "goal", "reached",
                "libfabric userfaultfd*", "libfabric memhooks*", "UCX*");
        text.Append('|').Insert(text.Length, "---|", 12).Append('\n');
        foreach (Row row in report.Rows)
        {
            PeerFigures? quoted = PeerFigures.Of(row);
            AppendLine(
                text,
                row.Name,
                RowText.Count(row.N),
                RowText.Ratio(row),
                row.Ratio is null ? "" : row.RatioOf,
                RowText.Ours(row),
                RowText.Baseline(row),
                row.Unit,
                RowText.Goal(row),
                RowText.Reached(row),
                quoted?.LibfabricUserfaultfd ?? "",
                quoted?.LibfabricMemhooks ?? "",
                quoted?.Ucx ?? "");
        }

        text.Append('\n');
        foreach (IGrouping<string, Row> note in report.Rows.Where(row => row.Note is not null).GroupBy(row => row.Note!))
            text.Append("- ").AppendJoin("; ", note.Select(row => row.Name).Distinct()).Append(": ").Append(note.Key).Append('\n');
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, params ReadOnlySpan<string> cells)
    {
        text.Append('|');
        foreach (string cell in cells)
            text.Append(' ').Append(cell).Append(" |");
        text.Append('\n');
    }
}
