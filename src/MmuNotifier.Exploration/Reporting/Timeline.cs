using System.Text;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>Draws steps as a column per thread, time going down.</summary>
internal static class Timeline
{
    private const int TotalWidth = 132;
    private const int MinWidth = 14;
    private const int MaxWidth = 52;
    private const int NamedWidth = 56;

    public static string Draw(IReadOnlyList<string> threads, IReadOnlyList<TraceStep> steps)
    {
        if (threads.Count == 0)
            return "";
        int width = Math.Clamp(TotalWidth / threads.Count, MinWidth, MaxWidth);
        var text = new StringBuilder();
        foreach (string thread in threads)
            text.Append(Fit(thread, width));
        text.Append('\n');
        foreach (TraceStep step in steps)
        {
            for (int column = 0; column < threads.Count; column++)
                text.Append(Fit(column == step.Thread ? step.What : "", width));
            text.Append(step.Where).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The columns as wide as what is in them, the steps numbered.</summary>
    public static string DrawNamed(IReadOnlyList<string> threads, IReadOnlyList<TraceStep> steps)
    {
        int[] widths = [.. threads.Select((name, column) =>
            Math.Min(NamedWidth, steps.Where(step => step.Thread == column).Select(step => step.What.Length).Append(name.Length).Max()))];
        var text = new StringBuilder("   ");
        for (int column = 0; column < threads.Count; column++)
            text.Append(" | ").Append(threads[column].PadRight(widths[column]));
        text.Append('\n').Append("----");
        foreach (int width in widths)
            text.Append("|-").Append('-', width + 1);
        text.Append('\n');
        for (int number = 0; number < steps.Count; number++)
        {
            foreach (string part in Wrap(steps[number].What, widths[steps[number].Thread]))
            {
                var line = new StringBuilder(ReferenceEquals(part, steps[number].What)
                    || steps[number].What.StartsWith(part, StringComparison.Ordinal)
                    ? $"{number + 1,3}" : "   ");
                for (int column = 0; column < threads.Count; column++)
                    line.Append(" | ").Append((column == steps[number].Thread ? part : "").PadRight(widths[column]));
                text.Append(line.ToString().TrimEnd()).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Wrap(string what, int width)
    {
        while (what.Length > width)
        {
            int end = what.LastIndexOf(' ', width);
            end = end > 0 ? end : width;
            yield return what[..end];
            what = "  " + what[end..].TrimStart();
        }

        yield return what;
    }

    private static string Fit(string text, int width) =>
        "| " + (text.Length > width - 3 ? text[..(width - 4)] + "…" : text).PadRight(width - 2);
}
