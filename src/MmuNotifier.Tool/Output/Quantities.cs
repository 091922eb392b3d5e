using System.Globalization;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Output;

/// <summary>Quantities as people read them, with K, M, G of 1024.</summary>
internal static class Quantities
{
    private static readonly string[] s_units = ["B", "K", "M", "G", "T", "P", "E"];

    internal static string Pages(double pages) => Bytes(pages * (1 << MemorySample.PageShift));

    /// <summary>At most six characters, seven with a sign: <c>0</c>, <c>640K</c>, <c>12.5M</c>, <c>1.25G</c>.</summary>
    internal static string Bytes(double bytes)
    {
        double value = Math.Abs(bytes);
        int unit = 0;
        for (; value >= 999.5 && unit < s_units.Length - 1; unit++)
            value /= 1024;
        if (value < 0.5 && unit == 0)
            return "0";
        string format = unit <= 1 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return (bytes < 0 ? "-" : "") + value.ToString(format, CultureInfo.InvariantCulture) + s_units[unit];
    }

    /// <summary>The same for a sentence: <c>12.5 MiB</c>.</summary>
    internal static string LongPages(double pages)
    {
        string text = Pages(pages);
        return text[^1] switch
        {
            'B' => text[..^1] + " B",
            >= '0' and <= '9' => text + " B",
            char unit => $"{text[..^1]} {unit}iB",
        };
    }

    /// <summary>A rate: <c>0</c>, <c>0.4</c>, <c>12</c>, <c>1.2k</c>.</summary>
    internal static string Rate(double value) => value switch
    {
        < 0.05 => "0",
        < 9.95 => value.ToString("0.0", CultureInfo.InvariantCulture),
        < 9999.5 => value.ToString("0", CultureInfo.InvariantCulture),
        < 999_500 => (value / 1000).ToString("0", CultureInfo.InvariantCulture) + "k",
        _ => (value / 1_000_000).ToString("0.0", CultureInfo.InvariantCulture) + "m",
    };

    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A time as <c>1:02:03</c> or <c>2:03</c>.</summary>
    internal static string Clock(TimeSpan time) =>
        time.ToString(time >= TimeSpan.FromHours(1) ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    internal static string Share(double share) => share switch
    {
        <= 0 => "0%",
        < 0.001 => "<0.1%",
        < 0.0995 => share.ToString("0.0%", CultureInfo.InvariantCulture),
        _ => share.ToString("0%", CultureInfo.InvariantCulture),
    };

    internal static string Milliseconds(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 10 => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        < 10_000 => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms",
        _ => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s",
    };
}
