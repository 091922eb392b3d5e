using System.Runtime.CompilerServices;

namespace MmuNotifier.Growth;

/// <summary>Measures what is kept. Nothing else of the process may allocate meanwhile.</summary>
internal static class KeptBytes
{
    /// <summary>What the runtime itself keeps of a measurement, or lets go, at times of its own choosing.</summary>
    private const double Noise = 128 * 1024;

    public static GrowthCosts Measure(KeptRow row, int smallest) =>
        new([.. GrowthCosts.Sizes(smallest).Select(size => Measure(row.Make, size))]);

    /// <remarks>A call of its own, so that nothing of the last one is alive any more.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Measure(Func<int, object> make, int size)
    {
        GC.KeepAlive(make(1)); // What is made once in the process.
        long before = Settled();
        object result = make(size);
        double kept = Math.Max(0, Settled() - before) + Noise;
        GC.KeepAlive(result);
        return kept;
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
