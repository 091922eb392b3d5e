using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>The characters of heat bars and trends.</summary>
internal sealed class Glyphs
{
    private static readonly string[] s_localeVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    private readonly string _heat;
    private readonly string _trend;

    private Glyphs(string heat, string trend) => (_heat, _trend) = (heat, trend);

    internal static Glyphs Unicode { get; } = new("·░▒▓█", " ▁▂▃▄▅▆▇█");

    internal static Glyphs Ascii { get; } = new(".-+*#", " .:-=+*#@");

    /// <summary>For the locale of an environment: only one that names a character set other than UTF-8 gets no others.</summary>
    internal static Glyphs For(Func<string, string?> variable)
    {
        string locale = s_localeVariables.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        bool isUnicode = locale.Length == 0 || locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
            || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
        return isUnicode ? Unicode : Ascii;
    }

    internal char Heat(Heat heat) => _heat[(int)heat];

    /// <summary>The last values as a trend of so many characters, each as high as its share of the highest.</summary>
    internal string Trend(IReadOnlyList<double> values, int width)
    {
        if (width <= 0)
            return "";
        int first = Math.Max(0, values.Count - width);
        double most = 0;
        for (int i = first; i < values.Count; i++)
            most = Math.Max(most, values[i]);
        var trend = new char[Math.Min(width, values.Count)];
        for (int i = 0; i < trend.Length; i++)
        {
            double share = most > 0 ? values[first + i] / most : 0;
            trend[i] = _trend[share <= 0 ? 0 : Math.Clamp((int)Math.Ceiling(share * (_trend.Length - 1)), 1, _trend.Length - 1)];
        }

        return new string(trend).PadLeft(width);
    }
}
