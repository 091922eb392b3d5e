using System.Globalization;

namespace MmuNotifier.Benchmarks;

/// <summary>The figures of a row as people read them.</summary>
internal static class RowText
{
    private const string Nothing = "–";

    internal static string Ours(Row row) => Number(row.Ours);

    internal static string Baseline(Row row) => row.BaselineText ?? Number(row.Baseline);

    internal static string Ratio(Row row) => row.Ratio is { } ratio
        ? string.Create(CultureInfo.InvariantCulture, $"{Short(ratio.Median)} ({Short(ratio.Least)}–{Short(ratio.Greatest)})")
        : Nothing;

    internal static string Goal(Row row) => row.Goal?.ToString() ?? Nothing;

    internal static string Reached(Row row) => row.Reached switch { true => "yes", false => "no", null => Nothing };

    internal static string KernelC(Row row) => row.KernelC ?? Nothing;

    internal static string Bytes(Row row) => Number(row.Bytes);

    internal static string Count(long n) => n switch
    {
        >= 1_000_000 when n % 1_000_000 == 0 => $"{n / 1_000_000} M",
        >= 10_000 when n % 1000 == 0 => $"{n / 1000} k",
        _ => n.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A duration with the unit that suits it.</summary>
    internal static string Time(double nanoseconds) => nanoseconds switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.##} s"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.##} ms"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.##} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0} ns"),
    };

    internal static string Number(double? value) => value is { } number ? Short(number) : Nothing;

    private static string Short(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };
}
