using System.Globalization;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Reporting;

/// <summary>Memory that is treated in a way of its own: by reason, and below that by name; with --verbose range by range.</summary>
internal static class MemoryGroups
{
    private const int NamesShown = 5;

    internal static void Write(TextLayout text, string heading, IReadOnlyList<MemoryReport> memory, bool isVerbose)
    {
        List<MemoryReport> shown = [.. memory.Where(range => isVerbose || range.Pages > 0)];
        if (shown.Count == 0)
            return;
        text.Heading(string.Create(
            CultureInfo.InvariantCulture, $"{heading}: {Words.Pages(shown.Sum(range => range.Pages))}, {Share(shown)} of all"));
        foreach (IGrouping<string, MemoryReport> reason in shown.GroupBy(range => range.Reason).OrderByDescending(Pages))
        {
            text.Paragraph(reason.Key, indent: 2);
            IGrouping<string, MemoryReport>[] names = [.. reason.GroupBy(range => range.Name).OrderByDescending(Pages)];
            // One more is shown rather than counted.
            int count = isVerbose || names.Length == NamesShown + 1 ? names.Length : Math.Min(names.Length, NamesShown);
            foreach (IGrouping<string, MemoryReport> name in names[..count])
                WriteName(text, name, isVerbose);
            if (count < names.Length)
            {
                MemoryReport[] others = [.. names[count..].SelectMany(name => name)];
                WriteLine(text, others, string.Create(CultureInfo.InvariantCulture, $"{names.Length - count:N0} more names (--verbose)"));
            }
        }
    }

    private static void WriteName(TextLayout text, IGrouping<string, MemoryReport> name, bool isVerbose)
    {
        MemoryReport[] ranges = [.. name];
        WriteLine(text, ranges, name.Key.Length == 0 ? "memory without a name" : name.Key);
        if (!isVerbose)
            return;
        foreach (MemoryReport range in ranges)
        {
            text.Raw(string.Create(
                CultureInfo.InvariantCulture,
                $"      {range.Start}-{range.Last} of process {range.Pid}: {Words.Count(range.Pages, "page")}"));
        }
    }

    private static void WriteLine(TextLayout text, MemoryReport[] ranges, string name)
    {
        long pages = ranges.Sum(range => range.Pages);
        text.Raw(string.Create(
            CultureInfo.InvariantCulture,
            $"    {pages,9:N0} {(pages == 1 ? "page " : "pages")} {Share(ranges),8}  {Words.Count(ranges.Length, "range"),-10}  {name}"));
    }

    private static long Pages(IEnumerable<MemoryReport> ranges) => ranges.Sum(range => range.Pages);

    private static string Share(IEnumerable<MemoryReport> ranges) =>
        ranges.Sum(range => range.Share).ToString("P2", CultureInfo.InvariantCulture);
}
