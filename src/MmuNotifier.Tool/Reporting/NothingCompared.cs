using System.Globalization;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Reporting;

/// <summary>Says in one line why not one page was compared.</summary>
internal static class NothingCompared
{
    /// <summary>The report with that line as its first note, if there is reason for it.</summary>
    internal static MirrorReport AddTo(MirrorReport report) =>
        report.PagesCompared > 0 ? report : report with { Notes = [Explain(report), .. report.Notes] };

    internal static string Explain(MirrorReport report)
    {
        if (report.FreezesAbandoned.Count > 0)
            return $"Nothing was compared: {report.FreezesAbandoned[^1].Reason}";
        string ran = report.DurationSeconds.ToString("F1", CultureInfo.InvariantCulture);
        return report.Freezes.Count > 0
            ? "Nothing was compared: the frozen target had no memory that can be mirrored (notMirrored in the report says why)."
            : $"Nothing was compared: the target ended after {ran} s, before it was frozen; give --verify fewer seconds than that.";
    }
}
