using System.Globalization;

namespace MmuNotifier.Tool.Reporting;

/// <summary>Says in one line why not one page was compared.</summary>
internal static class NothingCompared
{
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
