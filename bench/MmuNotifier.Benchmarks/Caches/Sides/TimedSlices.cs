using System.Diagnostics;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>
/// Threads that repeat slices of operations at the same time, each on a core of its own. The median of the slices counts, so that a slice
/// in which the scheduler gave the core to somebody else does not.
/// </summary>
internal static class TimedSlices
{
    internal const int Length = 1024;
    private const int Most = 65_536;

    /// <param name="duration">How long.</param>
    /// <param name="slices">One a thread: each call does <see cref="Length"/> operations.</param>
    /// <returns>Nanoseconds an operation and thread, the mean of the threads.</returns>
    internal static double Run(TimeSpan duration, params Action[] slices)
    {
        var medians = new double[slices.Length];
        var threads = new Thread[slices.Length];
        using var together = new Barrier(slices.Length);
        for (int i = 0; i < slices.Length; i++)
        {
            int index = i;
            threads[i] = new Thread(() =>
            {
                CoreAffinity.Pin(index);
                var times = new long[Most];
                together.SignalAndWait();
                medians[index] = Percentiles.Of(times.AsSpan(0, Repeat(slices[index], duration, times))).P50 / Length;
            })
            { IsBackground = true };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        return medians.Average();
    }

    private static int Repeat(Action slice, TimeSpan duration, long[] times)
    {
        int done = 0;
        long start = Stopwatch.GetTimestamp();
        long before = start;
        do
        {
            slice();
            long after = Stopwatch.GetTimestamp();
            times[done++] = after - before;
            before = after;
        }
        while (Stopwatch.GetElapsedTime(start, before) < duration && done < times.Length);
        return done;
    }
}
