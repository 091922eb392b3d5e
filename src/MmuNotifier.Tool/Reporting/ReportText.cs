using System.Globalization;
using MmuNotifier.Processes.Mirroring;
using Spectre.Console;

namespace MmuNotifier.Tool.Reporting;

/// <summary>The report for people.</summary>
internal static class ReportText
{
    private const int MaxRowsPerTable = 20;

    internal static void Write(IAnsiConsole console, MirrorReport report)
    {
        console.WriteLine();
        console.Write(Summary(report));
        if (report.Freezes.Count > 0)
            console.Write(Freezes(report));
        if (report.NotMirrored.Count > 0)
            console.Write(Memory("Not mirrored", report.NotMirrored));
        if (report.MirroredByReading.Count > 0)
            console.Write(Memory("Mirrored by reading again (cannot be watched)", report.MirroredByReading));
        if (report.Children.Count > 0)
            console.Write(Children(report));
        foreach (AbandonedFreezeReport freeze in report.FreezesAbandoned)
            console.WriteLine($"No freeze at {Text(freeze.AtSeconds)} s: {freeze.Reason}");
        foreach (string note in report.Notes)
            console.WriteLine(note);
        foreach (DifferenceReport difference in report.Differences)
            console.WriteLine($"Differs: process {difference.Pid}, page {difference.Address}");
        console.WriteLine(Verdict(report));
    }

    private static string Verdict(MirrorReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{report.PagesCompared} pages compared in {report.Freezes.Count} freezes: {report.PagesDiffering} differing, "
            + $"{report.EventsLost} events lost.");

    private static Table Summary(MirrorReport report)
    {
        Table table = new Table().Title($"mmun mirror: {Markup.Escape(report.Target.Command)} ({report.Target.Pid})").HideHeaders();
        table.AddColumns("what", "value");
        InvalidationsReport invalidations = report.Invalidations;
        NotifiersReport notifiers = report.Notifiers;
        AddRow(table, "pages mirrored, at most", $"{report.PagesMirrored} ({Bytes(report.PagesMirrored)})");
        AddRow(table, "pages copied", $"{report.PagesFetched}");
        AddRow(table, "rounds", $"{report.Rounds} in {report.DurationSeconds} s");
        AddRow(
            table,
            "invalidations",
            $"{invalidations.Unmap} unmap, {invalidations.Clear} clear, {invalidations.Written} written ({report.PagesWritten} pages), ",
            $"{invalidations.ProtectionPage} fork, {invalidations.ProtectionVma} protection, {invalidations.Release} release");
        AddRow(
            table,
            "notifiers",
            $"{notifiers.Inserted} inserted, {notifiers.Split} split, {notifiers.Moved} moved, {notifiers.Removed} removed; ",
            $"{notifiers.InsideCallbacks} of these inside callbacks");
        AddRow(table, "read sections repeated", $"{report.ReadRetries}");
        return table;
    }

    private static Table Freezes(MirrorReport report)
    {
        Table table = new Table().Title("Freezes (ms)");
        table.AddColumns("at s", "processes", "stop", "catch up", "compare", "pause", "pages refreshed", "compared", "differing");
        foreach (FreezeReport freeze in report.Freezes.TakeLast(MaxRowsPerTable))
        {
            table.AddRow(
                Text(freeze.AtSeconds),
                Text(freeze.Processes),
                Millis(freeze.StopMicros),
                Millis(freeze.CatchUpMicros),
                Millis(freeze.CompareMicros),
                Millis(freeze.PauseMicros),
                Text(freeze.PagesRefreshed),
                Text(freeze.PagesCompared),
                Text(freeze.PagesDiffering));
        }

        return WithRest(table, report.Freezes.Count);
    }

    private static Table Memory(string title, IReadOnlyList<MemoryReport> memory)
    {
        Table table = new Table().Title(Markup.Escape(title));
        table.AddColumns("process", "range", "what", "pages", "share", "why");
        foreach (MemoryReport range in memory.TakeLast(MaxRowsPerTable))
        {
            table.AddRow(
                Text(range.Pid),
                $"{range.Start}-{range.Last}",
                Markup.Escape(range.Name),
                Text(range.Pages),
                range.Share.ToString("P2", CultureInfo.InvariantCulture),
                Markup.Escape(range.Reason));
        }

        return WithRest(table, memory.Count);
    }

    private static Table Children(MirrorReport report)
    {
        Table table = new Table().Title("Children");
        table.AddColumns("process", "command", "outcome");
        foreach (ChildReport child in report.Children.TakeLast(MaxRowsPerTable))
            table.AddRow(Text(child.Pid), Markup.Escape(child.Command), Markup.Escape(child.Outcome));
        return WithRest(table, report.ChildrenFound);
    }

    private static Table WithRest(Table table, long rows) =>
        rows > MaxRowsPerTable ? table.Caption($"the last {MaxRowsPerTable} of {rows}; all are in the report of --json") : table;

    private static void AddRow(Table table, string name, params FormattableString[] value)
    {
        string text = "";
        foreach (FormattableString part in value)
            text += FormattableString.Invariant(part);
        table.AddRow(Markup.Escape(name), Markup.Escape(text));
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Millis(long micros) => (micros / 1000.0).ToString("F1", CultureInfo.InvariantCulture);

    private static string Bytes(long pages) =>
        ((pages * 4096) / (1024.0 * 1024)).ToString("F1", CultureInfo.InvariantCulture) + " MiB";
}
