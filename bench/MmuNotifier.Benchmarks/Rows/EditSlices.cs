using System.Diagnostics;
using System.Runtime.CompilerServices;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>The measured loops of insertion and removal. Compiled once for each engine.</summary>
internal static class EditSlices<TEngine, TScope>
    where TEngine : struct, IEngine<TEngine, TScope>
    where TScope : struct
{
    /// <summary>Few notifiers: so many address spaces that the clock can be read once for all; they stay in the caches.</summary>
    private const int FewestOperations = 256;

    private const int RemovalsBetweenLooks = 4096;

    /// <summary>Fills address spaces and empties them again, until enough operations were made.</summary>
    internal static EditTimes Measure(WorkOrder order, long operations, TimeSpan longest)
    {
        var times = new EditTimes();
        var engines = new TEngine[Math.Max(1, FewestOperations / order.Count)];
        for (int i = 0; i < engines.Length; i++)
            engines[i] = TEngine.Create(order);
        long start = Stopwatch.GetTimestamp();
        while (times.Operations < operations && Stopwatch.GetElapsedTime(start) < longest)
        {
            if (times.Operations > 0)
                Renew(engines);
            if (order.Count >= 100_000)
                GC.Collect(); // What was just made is old by the time that it is used.
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            times.InsertTicks += Insert(engines, order.Count);
            times.InsertBytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            bytes = GC.GetAllocatedBytesForCurrentThread();
            times.RemoveTicks += Remove(engines, order.Count, longest, out long removals);
            times.RemoveBytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            times.Removals += removals;
            times.Operations += (long)engines.Length * order.Count;
            if (removals < (long)engines.Length * order.Count)
                return times;
            foreach (TEngine engine in engines)
                engine.Settle();
        }

        return times;
    }

    /// <summary>Insertion only, into fresh address spaces.</summary>
    internal static EditTimes MeasureInsertion(WorkOrder order, long operations)
    {
        var times = new EditTimes();
        while (times.Operations < operations)
        {
            times.InsertTicks += Insert([TEngine.Create(order)], order.Count);
            times.Operations += order.Count;
        }

        return times;
    }

    private static void Renew(TEngine[] engines)
    {
        for (int i = 0; i < engines.Length; i++)
            engines[i] = engines[i].Renewed();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Insert(TEngine[] engines, int count)
    {
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < engines.Length; i++)
        {
            TEngine engine = engines[i];
            for (int position = 0; position < count; position++)
                engine.Insert(position);
        }

        return Stopwatch.GetTimestamp() - before;
    }

    /// <summary>Removes all, or as many as can be within the limit.</summary>
    private static long Remove(TEngine[] engines, int count, TimeSpan longest, out long removals)
    {
        removals = 0;
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < engines.Length; i++)
        {
            for (int done = 0; done < count; done += RemovalsBetweenLooks)
            {
                int next = Math.Min(RemovalsBetweenLooks, count - done);
                RemoveFrom(engines[i], done, next, count);
                removals += next;
                if (next == RemovalsBetweenLooks && Stopwatch.GetElapsedTime(before) > longest)
                    return Stopwatch.GetTimestamp() - before;
            }
        }

        return Stopwatch.GetTimestamp() - before;
    }

    /// <summary>Not in the order of insertion: that one backwards, its even positions first.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RemoveFrom(TEngine engine, int from, int length, int count)
    {
        int even = (count + 1) / 2;
        for (int i = from; i < from + length; i++)
            engine.Remove(count - 1 - (i < even ? 2 * i : (2 * (i - even)) + 1), CancellationToken.None);
    }
}
