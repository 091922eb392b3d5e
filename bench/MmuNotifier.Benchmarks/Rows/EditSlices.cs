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

    /// <summary>Fills address spaces and empties them again, until enough operations were made.</summary>
    internal static EditTimes Measure(WorkOrder order, long operations)
    {
        var times = new EditTimes();
        var engines = new TEngine[Math.Max(1, FewestOperations / order.Count)];
        for (int i = 0; i < engines.Length; i++)
            engines[i] = TEngine.Create(order);
        while (times.Operations < operations)
        {
            if (times.Operations > 0)
                Renew(engines);
            if (order.Count >= 100_000)
                GC.Collect(); // What was just made is old by the time that it is used.
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            times.InsertTicks += Insert(engines, order.Count);
            times.InsertBytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            bytes = GC.GetAllocatedBytesForCurrentThread();
            times.RemoveTicks += Remove(engines, order.Count);
            times.RemoveBytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            foreach (TEngine engine in engines)
                engine.Settle();
            times.Operations += (long)engines.Length * order.Count;
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Remove(TEngine[] engines, int count)
    {
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < engines.Length; i++)
        {
            // Not in the order of insertion: the second half first, backwards.
            TEngine engine = engines[i];
            int half = count / 2;
            for (int position = count - 1; position >= half; position--)
                engine.Remove(position, CancellationToken.None);
            for (int position = 0; position < half; position++)
                engine.Remove(position, CancellationToken.None);
        }

        return Stopwatch.GetTimestamp() - before;
    }
}
