namespace MmuNotifier.Benchmarks;

/// <summary>How long single calls took, in nanoseconds.</summary>
internal sealed record Percentiles(int Calls, double P50, double P99, double P999, double Max)
{
    /// <param name="ticks">One duration a call; is sorted.</param>
    internal static Percentiles Of(Span<long> ticks)
    {
        ticks.Sort();
        return new Percentiles(ticks.Length, At(ticks, 0.5), At(ticks, 0.99), At(ticks, 0.999), Ticks.ToNanoseconds(ticks[^1]));
    }

    private static double At(Span<long> sorted, double share) =>
        Ticks.ToNanoseconds(sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))]);
}
