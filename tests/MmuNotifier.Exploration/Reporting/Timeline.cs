using System.Text;

namespace MmuNotifier.Exploration.Reporting;

/// <summary>Draws steps as a column per thread, time going down.</summary>
internal static class Timeline
{
    private const int TotalWidth = 132;
    private const int MinWidth = 14;
    private const int MaxWidth = 52;

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

    private static string Fit(string text, int width) =>
        "| " + (text.Length > width - 3 ? text[..(width - 4)] + "…" : text).PadRight(width - 2);
}
