using MmuNotifier.Processes.Mirroring;
using Spectre.Console;

namespace MmuNotifier.Tool.Reporting;

/// <summary>The first line of the report.</summary>
internal static class Verdict
{
    internal static void Write(TextLayout text, MirrorReport report)
    {
        (string word, Color color, string rest) = Of(report);
        text.Verdict(word, color, rest);
        foreach (DifferenceReport difference in report.Differences)
            text.Raw(FormattableString.Invariant($"  differs: process {difference.Pid}, page {difference.Address}"));
    }

    internal static (string Word, Color Color, string Text) Of(MirrorReport report)
    {
        string compared = $"{Words.Pages(report.PagesCompared)} compared with the target {Comparisons(report)}: ";
        if (report.PagesDiffering > 0 || report.EventsLost > 0)
        {
            string lost = report.EventsLost > 0 ? $"; {Words.Count(report.EventsLost, "event")} lost" : "";
            return ("DIFFERS", Color.Red, $"{compared}{Words.Count(report.PagesDiffering, "page")} not equal{lost}.");
        }

        return report.PagesCompared > 0
            ? ("OK", Color.Green, $"{compared}all equal, no event lost.")
            : ("NOT COMPARED", Color.Yellow, NothingCompared.Explain(report));
    }

    /// <summary>Nothing is frozen for a comparison after the end of a program.</summary>
    private static string Comparisons(MirrorReport report)
    {
        int afterEnd = report.Freezes.Count(freeze => freeze.AfterEnd);
        string freezes = $"in {Words.Count(report.Freezes.Count - afterEnd, "freeze")}";
        string ends = afterEnd == 1 ? "once after its end" : $"{Words.Count(afterEnd, "time")} after the end of programs";
        return afterEnd == 0 ? freezes : afterEnd == report.Freezes.Count ? ends : $"{freezes} and {ends}";
    }
}
