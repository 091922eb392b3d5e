using System.Runtime.CompilerServices;
using MmuNotifier.Registration;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>A cache of ours that holds the first so many of the regions.</summary>
internal sealed class CachedRegions : IDisposable
{
    /// <summary>Keeps the loops from being left out.</summary>
    private static ulong s_sum;

    private readonly Regions _regions;
    private int _count;

    internal CachedRegions(IMemoryWatch watch, Regions regions, bool verifyOnHit)
    {
        _regions = regions;
        VerifiesOnHit = verifyOnHit;
        Cache = new RegistrationCache<ulong>(watch, new KeyProvider(), new RegistrationCacheOptions { VerifyOnHit = verifyOnHit });
    }

    internal RegistrationCache<ulong> Cache { get; }

    private bool VerifiesOnHit { get; }

    public void Dispose() => Cache.Dispose();

    internal void Fill(int count)
    {
        for (; _count > count; _count--)
            Cache.Remove(_regions[(ulong)_count - 1]);
        for (; _count < count; _count++)
        {
            if (VerifiesOnHit)
                Memory.Touch(_regions[(ulong)_count].Start, Regions.Bytes); // Only pages that are there can be seen to change.
            Touch(Cache, _regions[(ulong)_count]);
        }
    }

    /// <summary>Work for a thread: gets and puts of the cached regions in a random order of its own.</summary>
    internal Action Slice(int thread, int count)
    {
        ulong state = 88172645463325252 + (ulong)thread;
        return () => Hit(Cache, _regions.First, (ulong)count, ref state);
    }

    /// <summary>The same from the first to the last and round again.</summary>
    internal Action SliceInOrder(int count)
    {
        ulong place = 0;
        return () => HitInOrder(Cache, _regions.First, (ulong)count, ref place);
    }

    internal static ulong Touch(RegistrationCache<ulong> cache, AddressRange range)
    {
        using RegistrationLease<ulong> lease = cache.Get(range);
        return lease.Registration;
    }

    /// <summary>The same loop as in <c>ucx_side.c</c>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Hit(RegistrationCache<ulong> cache, ulong first, ulong count, ref ulong state)
    {
        ulong next = state;
        ulong sum = 0;
        for (int i = 0; i < TimedSlices.Length; i++)
        {
            next = (next * 6364136223846793005) + 1442695040888963407;
            ulong address = first + ((((next >> 32) * count) >> 32) * Regions.Stride);
            sum += Touch(cache, new AddressRange(address, address + (Regions.Bytes - 1)));
        }

        state = next;
        Volatile.Write(ref s_sum, sum);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HitInOrder(RegistrationCache<ulong> cache, ulong first, ulong count, ref ulong place)
    {
        ulong next = place;
        ulong sum = 0;
        for (int i = 0; i < TimedSlices.Length; i++)
        {
            next = next + 1 < count ? next + 1 : 0;
            ulong address = first + (next * Regions.Stride);
            sum += Touch(cache, new AddressRange(address, address + (Regions.Bytes - 1)));
        }

        place = next;
        Volatile.Write(ref s_sum, sum);
    }
}
