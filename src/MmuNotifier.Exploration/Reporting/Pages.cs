using System.Globalization;
using MmuNotifier.Hmm;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>Ranges as people count them in driver scenarios: by the page.</summary>
internal static class Pages
{
    /// <summary>"page 2", "pages 2–3", or the range as it is if it is not of whole pages.</summary>
    public static string Describe(AddressRange range)
    {
        ulong size = MirroredMemory.PageBytes;
        if (range == AddressRange.Whole)
            return "everything";
        if (range.Start % size != 0 || range.Last % size != size - 1)
            return range.ToString();
        ulong first = range.Start / size;
        ulong last = range.Last / size;
        return first == last
            ? string.Create(CultureInfo.InvariantCulture, $"page {first}")
            : string.Create(CultureInfo.InvariantCulture, $"pages {first}–{last}");
    }
}
