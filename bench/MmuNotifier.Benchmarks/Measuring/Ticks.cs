using System.Diagnostics;

namespace MmuNotifier.Benchmarks;

/// <summary>Ticks of the monotonic clock.</summary>
internal static class Ticks
{
    /// <summary>What reading the clock twice in a row gives, the median: taken off where single operations are timed.</summary>
    internal static readonly long Overhead = MeasureOverhead();

    internal static double ToNanoseconds(double ticks) => ticks * 1e9 / Stopwatch.Frequency;

    internal static long FromMicroseconds(double microseconds) => (long)(microseconds * Stopwatch.Frequency / 1e6);

    /// <summary>Keeps the core busy, as work would.</summary>
    internal static void Spin(long ticks)
    {
        long until = Stopwatch.GetTimestamp() + ticks;
        while (Stopwatch.GetTimestamp() < until)
        {
        }
    }

    private static long MeasureOverhead()
    {
        var samples = new long[10_000];
        for (int i = 0; i < samples.Length; i++)
        {
            long before = Stopwatch.GetTimestamp();
            samples[i] = Stopwatch.GetTimestamp() - before;
        }

        Array.Sort(samples);
        return samples[samples.Length / 2];
    }
}
