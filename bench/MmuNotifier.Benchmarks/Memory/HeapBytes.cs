namespace MmuNotifier.Benchmarks;

/// <summary>Bytes on the heap that live on.</summary>
internal static class HeapBytes
{
    /// <summary>What building something adds, for each of its parts. What must not be counted is made before.</summary>
    internal static double Each(int count, Action build)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        build();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        return (double)(after - before) / count;
    }
}
