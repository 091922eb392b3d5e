using System.Globalization;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Reporting;

/// <summary>The freezes, a line for each.</summary>
internal static class FreezeTable
{
    internal static void Write(TextLayout text, IReadOnlyList<FreezeReport> freezes)
    {
        if (freezes.Count == 0)
            return;
        text.Heading("Freezes, in milliseconds");
        text.Raw("      at s  procs    pause     stop catch up  compare  refreshed  compared  differ");
        foreach (FreezeReport freeze in freezes)
        {
            text.Raw(string.Create(
                CultureInfo.InvariantCulture,
                $"  {freeze.AtSeconds,8:F1} {freeze.Processes,6} {Millis(freeze.PauseMicros)} {Millis(freeze.StopMicros)} "
                    + $"{Millis(freeze.CatchUpMicros)} {Millis(freeze.CompareMicros)} {freeze.PagesRefreshed,10} {freeze.PagesCompared,9} "
                    + $"{freeze.PagesDiffering,7}{Left(freeze)}{(freeze.AfterEnd ? "  after its end" : "")}"));
        }
    }

    private static string Left(FreezeReport freeze) =>
        freeze.PagesLeft == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"  {freeze.PagesLeft} left");

    private static string Millis(long micros) => (micros / 1000.0).ToString("F1", CultureInfo.InvariantCulture).PadLeft(8);
}
