using System.Diagnostics;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>munmap of 64 KiB touched memory, alone in a hole of memory that is kept: beside the same neighbours each time.</summary>
internal sealed class Unmapping
{
    private const ulong Kept = 4096 * Memory.Page;

    private readonly ulong _place;

    internal Unmapping()
    {
        _place = Memory.Map(0, Kept, Memory.NoAccess, 0) + (Kept / 2);
        Memory.Unmap(_place - (Kept / 4), Kept / 2);
    }

    /// <param name="count">How often.</param>
    /// <param name="prepare">What is done with the memory first, not timed; null for nothing.</param>
    /// <returns>Nanoseconds, the median.</returns>
    internal double Measure(int count, Action<AddressRange>? prepare)
    {
        long[] times = new long[count];
        AddressRange range = AddressRange.FromLength(_place, Regions.Bytes);
        for (int i = 0; i < count; i++)
        {
            Memory.Map(_place, Regions.Bytes, Memory.ReadWrite, Memory.Fixed);
            Memory.Touch(_place, Regions.Bytes);
            prepare?.Invoke(range);
            long before = Stopwatch.GetTimestamp();
            Memory.Unmap(_place, Regions.Bytes);
            times[i] = Stopwatch.GetTimestamp() - before;
        }

        return Percentiles.Of(times).P50;
    }
}
