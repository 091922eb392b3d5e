using System.Collections.Concurrent;
using System.Diagnostics;
using BitFaster.Caching.Lru;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using MmuNotifier.Caching;
using ZiggyCreatures.Caching.Fusion;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>What removals, loads and memory cost by the number of entries.</summary>
internal static class CachingSizes
{
    private const string Value = "value";
    private static readonly TimeSpan s_expiration = TimeSpan.FromMinutes(30);
    private static readonly string[] s_tags = ["tag"];
    private static readonly HybridCacheEntryOptions s_lookupOnly = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };

    /// <returns>Microseconds of the removal of all of so many entries by one tag, and by one prefix; the first lookup is in it.</returns>
    public static (double Tag, double Prefix) Remove(int count)
    {
        using var cache = new CoherentCache();
        var times = new List<(double Tag, double Prefix)>();
        for (int round = 0; round < (count > 10_000 ? 5 : 50); round++)
        {
            Fill(cache, count);
            double tag = Microseconds(() => cache.RemoveByTag("tag"));
            Fill(cache, count);
            times.Add((tag, Microseconds(() => cache.RemoveByPrefix("user:"))));
        }

        return (Median(times.Select(each => each.Tag)), Median(times.Select(each => each.Prefix)));
    }

    /// <returns>Nanoseconds of a load that returns at once, in a cache that has so many entries, and of a removal by key.</returns>
    public static (double Load, double Remove) MissAt(int count)
    {
        using var cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = 10_000_000 });
        Fill(cache, count);
        const int More = 20_000;
        string[] keys = [.. Enumerable.Range(0, More).Select(each => $"more:{each}")];
        var loads = new List<double>();
        var removals = new List<double>();
        for (int round = 0; round < 5; round++)
        {
            loads.Add(1000 * Microseconds(() => Array.ForEach(keys, key => Load(cache, key))) / More);
            removals.Add(1000 * Microseconds(() => Array.ForEach(keys, cache.Remove)) / More);
        }

        return (Median(loads), Median(removals));
    }

    /// <returns>
    /// Bytes of an entry beside its key and value, and how many of the entries are there afterwards. No cache has a limit that is near.
    /// </returns>
    public static IEnumerable<(string Name, double Bytes, int Found)> MeasureBytes(int count)
    {
        yield return Measure("CoherentCache", count, MakeCoherentCache, Load, (cache, key) => cache.TryGet(key, out string? _));
        yield return Measure(
            "CoherentCache, with a tag",
            count,
            MakeCoherentCache,
            (cache, key) => cache.Set(key, Value, null, s_tags),
            (cache, key) => cache.TryGet(key, out string? _));
        yield return Measure("HybridCache", count, CachingHits.MakeHybridCache, SetHybrid, Has);
        yield return Measure(
            "HybridCache, with a tag",
            count,
            CachingHits.MakeHybridCache,
            (cache, key) => cache.SetAsync(key, Value, null, s_tags).AsTask().Wait(),
            Has);
        yield return Measure(
            "FusionCache",
            count,
            () => new FusionCache(new FusionCacheOptions()),
            (cache, key) => cache.Set(key, Value, s_expiration),
            (cache, key) => cache.TryGet<string>(key).HasValue);
        yield return Measure(
            "MemoryCache",
            count,
            () => new MemoryCache(new MemoryCacheOptions()),
            (cache, key) => cache.Set(key, Value, s_expiration),
            (cache, key) => cache.TryGetValue(key, out _));
        yield return Measure(
            "BitFaster ConcurrentLru",
            count,
            () => new ConcurrentLru<string, string>(count * 2),
            (cache, key) => cache.AddOrUpdate(key, Value),
            (cache, key) => cache.TryGet(key, out _));
        yield return Measure(
            "ConcurrentDictionary",
            count,
            () => new ConcurrentDictionary<string, string>(),
            (cache, key) => cache[key] = Value,
            (cache, key) => cache.ContainsKey(key));
    }

    private static CoherentCache MakeCoherentCache() =>
        new(new CoherentCacheOptions { SizeLimit = long.MaxValue, Expiration = s_expiration });

    private static void SetHybrid(HybridCache cache, string key) => cache.SetAsync(key, Value).AsTask().Wait();

    private static bool Has(HybridCache cache, string key) =>
        cache.GetOrCreateAsync(key, 0, static (_, _) => ValueTask.FromResult(""), s_lookupOnly).AsTask().Result == Value;

    private static (string Name, double Bytes, int Found) Measure<TCache>(
        string name, int count, Func<TCache> make, Action<TCache, string> add, Func<TCache, string, bool> has)
    {
        string[] keys = [.. Enumerable.Range(0, count).Select(each => $"user:{each}:name")];
        long before = SettledBytes();
        TCache cache = make();
        foreach (string key in keys)
            add(cache, key);
        long after = SettledBytes();
        int found = keys.Count(key => has(cache, key));
        (cache as IDisposable)?.Dispose();
        return (name, (after - before) / (double)count, found);
    }

    /// <summary>
    /// The bytes in use once another collection frees only a few. One collection is not enough: timers, finalizers and tasks of the last
    /// cache go one after the other, and what they free would be subtracted from what the next cache uses.
    /// </summary>
    private static long SettledBytes()
    {
        const long few = 100_000;
        const int most = 50;
        long last = long.MaxValue;
        for (int i = 0; i < most; i++)
        {
            Thread.Sleep(200);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            long bytes = GC.GetTotalMemory(forceFullCollection: false);
            if (last - bytes < few)
                return bytes;
            last = bytes;
        }

        throw new InvalidOperationException("Each collection frees more.");
    }

    private static void Fill(CoherentCache cache, int count)
    {
        for (int i = 0; i < count; i++)
            cache.Set($"user:{i}", Value, null, ["tag"]);
    }

    private static void Load(CoherentCache cache, string key)
    {
        ValueTask<string> load = cache.GetOrLoadAsync(key, 0, static (_, _) => ValueTask.FromResult(Value));
        if (!load.IsCompletedSuccessfully)
            throw new InvalidOperationException("A load that returns at once is complete.");
    }

    private static double Microseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
