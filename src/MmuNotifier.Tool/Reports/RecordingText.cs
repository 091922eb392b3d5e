using System.Globalization;
using System.Text;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>A report as text: what was recorded, and a table for each question.</summary>
internal static class RecordingText
{
    internal static string Of(RecordingAnalysis analysis)
    {
        var text = new StringBuilder();
        var findings = new Findings(analysis);
        AppendHead(text, analysis);
        if (analysis.Looks == 0)
            return text.Append("\nIt has no look at the process.\n").ToString();
        AppendGrowing(text, findings);
        AppendWritten(text, analysis, findings);
        AppendChurn(text, findings);
        AppendUntouched(text, findings);
        AppendCore(text, analysis);
        AppendNotSeen(text, findings);
        return text.ToString();
    }

    /// <summary>What a shape is called.</summary>
    internal static string NameOf(GrowthShape shape) => shape switch
    {
        GrowthShape.Steady => "grows steadily, to the end",
        GrowthShape.LevelledOff => "has grown, then stopped",
        GrowthShape.Steps => "grows in a few steps",
        GrowthShape.Sawtooth => "grows and shrinks by turns",
        _ => "stays",
    };

    private static void AppendHead(StringBuilder text, RecordingAnalysis analysis)
    {
        EventCounts events = analysis.Events;
        string began = analysis.Process.Began.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        text.Append(CultureInfo.InvariantCulture, $"Process {analysis.Process.ProcessId}: {TextCells.Printable(analysis.Command)}\n")
            .Append(CultureInfo.InvariantCulture, $"{analysis.Looks} looks in {analysis.Duration.TotalSeconds:0.0} s from {began} UTC; ")
            .Append(CultureInfo.InvariantCulture, $"events: {events.Mapped} mapped, {events.Unmapped} unmapped, {events.Moved} moved, ")
            .Append(CultureInfo.InvariantCulture, $"{events.Protected} protected, {events.Dropped} dropped, {events.Forked} forks, ")
            .Append(CultureInfo.InvariantCulture, $"{events.Executed} execs\n");
        double share = analysis.Duration > TimeSpan.Zero ? analysis.Cost / analysis.Duration : 0;
        text.Append("Recording has held the process up for ").Append(Quantities.Share(share)).Append(" of its time (estimated).\n");
        if (analysis.EventsLost > 0)
            text.Append(CultureInfo.InvariantCulture, $"Lost: {analysis.EventsLost} events that had no room between two looks.\n");
        string? end = analysis.Problem is { } problem ? $"The file is not whole: {problem}."
            : analysis.End == RecordingEnd.None ? "The recording has no end: mmun was killed, or records still."
            : TextCells.Printable(analysis.EndWords);
        text.Append(end).Append('\n');
    }

    private static void AppendGrowing(StringBuilder text, Findings findings)
    {
        text.Append("\nWhat grows in memory\n");
        var table = new TextTable("GROWN", "PER SECOND", "FROM", "TO", "MAPPING");
        foreach (GrownMemory grown in findings.Growing.Take(Findings.MostRows))
        {
            Growth growth = grown.Growth;
            string many = grown.Mappings > 1 ? string.Create(CultureInfo.InvariantCulture, $"{grown.Mappings} mappings ") : "";
            string place = grown.Mappings > 1 ? MappingText.Name(grown.Story.Last.Name) : Describe(grown.Story.Last);
            table.Add(
                Quantities.Pages(growth.Pages),
                Quantities.Pages(growth.PerSecond),
                Quantities.Pages(growth.First),
                Quantities.Pages(growth.Last),
                $"{many}{place}: {NameOf(growth.Shape)}");
        }

        Append(text, table, findings.Growing.Count, "Nothing has grown.");
    }

    private static void AppendWritten(StringBuilder text, RecordingAnalysis analysis, Findings findings)
    {
        text.Append("\nWhat is written most (a page counts once a look)\n");
        var table = new TextTable("WRITTEN", "PER SECOND", "LOOKS", "AT ONCE", "OF", "MAPPING");
        double seconds = Math.Max(analysis.Duration.TotalSeconds, 1e-6);
        foreach (MappingStory story in findings.Written.Take(Findings.MostRows))
        {
            table.Add(
                Quantities.Pages(story.WrittenPages),
                Quantities.Pages(story.WrittenPages / seconds),
                Quantities.Share((double)story.LooksWritten / analysis.Looks),
                Quantities.Pages(story.MostWrittenAtOnce),
                Quantities.Pages(story.MostSizePages),
                Describe(story.Last));
        }

        Append(text, table, findings.Written.Count, "Nothing was written.");
    }

    private static void AppendChurn(StringBuilder text, Findings findings)
    {
        text.Append("\nWhat is unmapped and mapped again (what comes and goes between two looks is not counted)\n");
        var table = new TextTable("TIMES", "SIZE", "PLACES", "LIVED STILL", "MAPPING");
        foreach (Churn churn in findings.Churning.Take(Findings.MostRows))
        {
            table.Add(
                "≥" + Quantities.Count(churn.Times),
                Quantities.Pages(churn.Pages),
                Quantities.Count(churn.Places),
                Quantities.Milliseconds(churn.Lived),
                MappingText.Name(churn.Name));
        }

        Append(text, table, findings.Churning.Count, "Nothing.");
    }

    private static void AppendUntouched(StringBuilder text, Findings findings)
    {
        text.Append("\nWhat is mapped and was never in memory at a look\n");
        var table = new TextTable("SIZE", "MAPPING");
        foreach (MappingStory story in findings.Untouched.Take(Findings.MostRows))
            table.Add(Quantities.Pages(story.MostSizePages), Describe(story.Last));
        Append(text, table, findings.Untouched.Count, "Nothing of 64K or more.");
    }

    private static void AppendCore(StringBuilder text, RecordingAnalysis analysis)
    {
        CoreEstimate core = analysis.Core;
        text.Append("\nWhat a core file would have cost at the end (estimated, docs/core.md)\n")
            .Append("  ").Append(Quantities.LongPages(core.ResidentPages)).Append(" on the disk, ")
            .Append(Quantities.LongPages(core.MappedPages)).Append(" with holes, ")
            .Append(Quantities.Count(core.Mappings)).Append(" mappings\n")
            .Append("  gcore stops the process for about ").Append(Quantities.Milliseconds(core.StopOfAll))
            .Append(", mmun core for about ").Append(Quantities.Milliseconds(core.StopOfMmun)).Append('\n');
    }

    private static void AppendNotSeen(StringBuilder text, Findings findings)
    {
        if (findings.NotSeen.Count == 0)
            return;
        text.Append("\nWhere not every change is seen\n");
        var table = new TextTable("SIZE", "MAPPING");
        foreach (MappingStory story in findings.NotSeen.Take(Findings.MostRows))
            table.Add(Quantities.Pages(story.MostSizePages), $"{Describe(story.Last)}: {TextCells.Printable(story.Last.NotSeen!)}");
        Append(text, table, findings.NotSeen.Count, "");
    }

    private static void Append(StringBuilder text, TextTable table, int count, string ifNone)
    {
        if (count == 0)
        {
            text.Append("  ").Append(ifNone).Append('\n');
            return;
        }

        table.AppendTo(text);
        if (count > table.Rows)
            text.Append(CultureInfo.InvariantCulture, $"  and {count - table.Rows} more (--json has all of them)\n");
    }

    private static string Describe(in LiveMapping mapping) =>
        $"{MappingText.Name(mapping.Name)} {MappingText.Permissions(in mapping)} "
        + $"{MappingText.Address(mapping.Range.Start)}-{MappingText.Address(mapping.Range.Last)}";
}
