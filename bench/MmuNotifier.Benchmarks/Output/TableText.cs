using Spectre.Console;

namespace MmuNotifier.Benchmarks;

/// <summary>The table on the terminal.</summary>
internal static class TableText
{
    internal static void Write(IReadOnlyList<Row> rows)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumns("row", "N", "unit", "ours", "baseline", "ratio (least–greatest)", "goal", "reached", "kernelC", "bytes");
        foreach (Row row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Note is null ? row.Name : $"{row.Name}\n  {row.Note}"),
                RowText.Count(row.N),
                row.Unit,
                RowText.Ours(row),
                Markup.Escape(RowText.Baseline(row)),
                RowText.Ratio(row),
                RowText.Goal(row),
                row.Reached switch { true => "[green]yes[/]", false => "[red]no[/]", null => "–" },
                RowText.KernelC(row),
                RowText.Bytes(row));
        }

        AnsiConsole.Write(table);
    }
}
