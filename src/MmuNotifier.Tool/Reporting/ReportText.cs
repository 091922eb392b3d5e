using System.Globalization;
using MmuNotifier.Processes.Mirroring;
using Spectre.Console;

namespace MmuNotifier.Tool.Reporting;

/// <summary>
/// The report for people: the verdict first, then what was mirrored and what it cost, then memory that is treated in a way of its own. What
/// is zero has no line.
/// </summary>
internal static class ReportText
{
    /// <param name="console">Where to; its width decides where words are wrapped.</param>
    /// <param name="report">What to say.</param>
    /// <param name="isVerbose">Whether every freeze, range, child and counter gets a line.</param>
    internal static void Write(IAnsiConsole console, MirrorReport report, bool isVerbose)
    {
        var text = new TextLayout(console);
        text.Blank();
        Verdict.Write(text, report);
        text.Blank();
        WriteFacts(text, report);
        MemoryGroups.Write(text, "Not mirrored", report.NotMirrored, isVerbose);
        MemoryGroups.Write(text, "Mirrored by reading it again in each freeze", report.MirroredByReading, isVerbose);
        WriteChildren(text, report, isVerbose);
        WriteAbandoned(text, report);
        if (isVerbose)
        {
            FreezeTable.Write(text, report.Freezes);
            WriteCounters(text, report);
        }

        foreach (string note in report.Notes.Where(note => note != Verdict.Of(report).Text))
            text.Paragraph(note, indent: 0);
    }

    private static void WriteFacts(TextLayout text, MirrorReport report)
    {
        TargetReport target = report.Target;
        string end = target.ExitCode is { } code ? Invariant($", ended with exit code {code}") : "";
        text.Fact("target", Invariant($"{target.Command} ({target.Pid}), {(target.Launched ? "launched" : "attached to")}{end}"));
        string images = report.ProcessesMirrored > 1 ? $" in {Words.Count(report.ProcessesMirrored, "program image")}" : "";
        text.Fact("mirrored", Invariant($"{Words.Pages(report.PagesMirrored)} at most{images}, for {report.DurationSeconds:F1} s"));
        text.Fact("written", report.PagesWritten == 0 ? "" : Words.Pages(report.PagesWritten));
        InvalidationsReport changes = report.Invalidations;
        text.Fact("changes", Words.List(
            (changes.Unmap, "unmapped or moved"), (report.Events.Remove + report.Events.Dropped, "dropped"),
            (changes.ProtectionVma, "protected"), (changes.ProtectionPage, "forked")));
        List<FreezeReport> stops = [.. report.Freezes.Where(freeze => !freeze.AfterEnd)];
        if (stops.Count == 0)
            return;
        FreezeReport longest = stops.MaxBy(freeze => freeze.PauseMicros)!;
        text.Fact("stopped", Invariant($"{Words.Count(stops.Count, "time")}, for {Words.Millis(longest.PauseMicros)} at most: ")
            + $"{Words.Millis(longest.StopMicros)} to stop, {Words.Millis(longest.CatchUpMicros)} to catch up, "
            + $"{Words.Millis(longest.CompareMicros)} to compare");
    }

    private static void WriteChildren(TextLayout text, MirrorReport report, bool isVerbose)
    {
        if (report.Children.Count == 0)
            return;
        text.Heading($"Children and executed programs: {report.ChildrenFound.ToString("N0", CultureInfo.InvariantCulture)}");
        foreach (IGrouping<string, ChildReport> outcome in report.Children.GroupBy(child => child.Outcome))
        {
            text.Paragraph(Invariant($"{outcome.Count():N0} {outcome.Key}: ") + Words.Some(
                [.. outcome.Select(child => Invariant($"{child.Command} ({child.Pid})"))], isVerbose), indent: 2);
        }

        if (report.ChildrenFound > report.Children.Count)
            text.Paragraph(Invariant($"{report.ChildrenFound - report.Children.Count:N0} more are counted only"), indent: 2);
    }

    private static void WriteAbandoned(TextLayout text, MirrorReport report)
    {
        foreach (IGrouping<string, AbandonedFreezeReport> reason in report.FreezesAbandoned.GroupBy(freeze => freeze.Reason))
        {
            text.Heading(Invariant(
                $"{Words.Count(reason.Count(), "freeze")} not made, the last at {reason.Max(freeze => freeze.AtSeconds):F1} s:"));
            text.Paragraph(reason.Key, indent: 2);
        }
    }

    private static void WriteCounters(TextLayout text, MirrorReport report)
    {
        NotifiersReport notifiers = report.Notifiers;
        text.Heading("Counters");
        text.Fact("rounds", Invariant($"{report.Rounds:N0}, in which {Words.Count(report.PagesFetched, "page")} were read"));
        text.Fact("notifiers", Words.List(
            (notifiers.Inserted, "inserted"), (notifiers.Split, "split"), (notifiers.Moved, "moved"), (notifiers.Removed, "removed"),
            (notifiers.InsideCallbacks, "of these inside callbacks")));
        text.Fact("reads", Words.List((report.ReadRetries, "repeated because something changed meanwhile")));
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
