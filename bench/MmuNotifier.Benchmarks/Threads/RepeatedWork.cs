using System.Diagnostics;

namespace MmuNotifier.Benchmarks;

/// <summary>Threads that repeat work until they are stopped, all at the same time.</summary>
internal static class RepeatedWork
{
    /// <param name="duration">How long they work.</param>
    /// <param name="slices">One a thread: each call does a slice of work and says how many operations that was.</param>
    /// <returns>Millions of operations a second, one figure a thread.</returns>
    internal static double[] Run(TimeSpan duration, params Func<long>[] slices)
    {
        var rates = new double[slices.Length];
        var threads = new Thread[slices.Length];
        using var together = new Barrier(slices.Length);
        for (int i = 0; i < slices.Length; i++)
        {
            int index = i;
            threads[i] = new Thread(() =>
            {
                CoreAffinity.Pin(index);
                rates[index] = Repeat(slices[index], duration, together);
            })
            { IsBackground = true };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        return rates;
    }

    private static double Repeat(Func<long> slice, TimeSpan duration, Barrier together)
    {
        together.SignalAndWait();
        long operations = 0;
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            operations += slice();
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < duration);
        return operations / elapsed.TotalMicroseconds;
    }
}
