using System.Globalization;

namespace MmuNotifier.Tool.Reporting;

/// <summary>Numbers and lists in words.</summary>
internal static class Words
{
    private const int Narrowest = 20;
    private const int Named = 5;
    private const int PagesOfMebibyte = 256;

    /// <summary>As 1,234 pages, or 1 page.</summary>
    internal static string Count(long number, string thing) => Of(number, thing, thing + "s");

    /// <summary>The same where the words differ in more than an s.</summary>
    internal static string Of(long number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many)}");

    internal static string Pages(long pages) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(pages, "page")} ({(pages < PagesOfMebibyte ? $"{pages * 4:N0} KiB" : $"{pages / (double)PagesOfMebibyte:N1} MiB")})");

    internal static string Millis(long micros) => string.Create(CultureInfo.InvariantCulture, $"{micros / 1000.0:N1} ms");

    /// <summary>The counts that are not zero.</summary>
    internal static string List(params (long Number, string What)[] counts) => string.Join(
        ", ",
        counts.Where(count => count.Number != 0).Select(count => string.Create(
            CultureInfo.InvariantCulture, $"{count.Number:N0} {count.What}")));

    /// <summary>All names, or the first few and how many more there are.</summary>
    internal static string Some(IReadOnlyList<string> names, bool isAll) => isAll || names.Count <= Named + 1
        ? string.Join(", ", names)
        : string.Create(
            CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(Named))} and {names.Count - Named:N0} more (--verbose)");

    /// <summary>Lines of at most so many characters, but for words that are longer.</summary>
    internal static string[] Wrap(string text, int width)
    {
        List<string> lines = [];
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Math.Max(width, Narrowest))
            {
                lines.Add(line);
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        lines.Add(line);
        return [.. lines];
    }
}
