using System.Globalization;

namespace MmuNotifier.Benchmarks;

/// <summary>A limit that a figure is to keep to.</summary>
internal sealed record Goal(string Subject, string Sign, double Limit, string Unit)
{
    internal static Goal RatioAtMost(double limit) => new("ratio", "≤", limit, "");

    internal static Goal RatioAbove(double limit) => new("ratio", ">", limit, "");

    internal static Goal P999Below(double limit, string unit) => new("p99.9", "<", limit, unit);

    internal static Goal OursAtMost(double limit, string unit) => new("ours", "≤", limit, unit);

    internal bool IsReachedBy(double value) => Sign switch
    {
        "≤" => value <= Limit,
        "<" => value < Limit,
        _ => value > Limit,
    };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Subject} {Sign} {Limit:0.##} {Unit}").TrimEnd();
}
