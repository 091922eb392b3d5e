using System.Collections.Concurrent;
using System.Diagnostics;
using BitFaster.Caching.Lru;
using Microsoft.Extensions.Caching.Memory;
using MmuNotifier.Caching;
using ZiggyCreatures.Caching.Fusion;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>What removals, loads and memory cost by the number of entries.</summary>
internal static class CachingSizes
{
    private const string Value = "value";

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

    /// <returns>Bytes of an entry beside its key and value, of a million entries.</returns>
    public static IEnumerable<(string Name, double Bytes)> MeasureBytes(int count)
    {
        yield return ("CoherentCache", BytesOf(count, _ => new CoherentCache(), (cache, key) => Load(cache, key)));
        yield return ("CoherentCache, with a tag", BytesOf(count, _ => new CoherentCache(), (cache, key) =>
            cache.Set(key, Value, null, ["tag"])));
        yield return ("HybridCache", BytesOf(count, _ => CachingHits.MakeHybridCache(), (cache, key) =>
            cache.SetAsync(key, Value).AsTask().Wait()));
        yield return ("FusionCache", BytesOf(count, _ => new FusionCache(new FusionCacheOptions()), (cache, key) =>
            cache.Set(key, Value, TimeSpan.FromMinutes(30))));
        yield return ("MemoryCache", BytesOf(count, _ => new MemoryCache(new MemoryCacheOptions()), (cache, key) =>
            cache.Set(key, Value, TimeSpan.FromMinutes(30))));
        yield return ("BitFaster ConcurrentLru", BytesOf(count, _ => new ConcurrentLru<string, string>(count), (cache, key) =>
            cache.AddOrUpdate(key, Value)));
        yield return ("ConcurrentDictionary", BytesOf(count, _ => new ConcurrentDictionary<string, string>(), (cache, key) =>
            cache[key] = Value));
    }

    private static double BytesOf<TCache>(int count, Func<int, TCache> make, Action<TCache, string> add)
    {
        string[] keys = [.. Enumerable.Range(0, count).Select(each => $"user:{each}:name")];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        TCache cache = make(count);
        foreach (string key in keys)
            add(cache, key);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(keys);
        (cache as IDisposable)?.Dispose();
        return (after - before) / (double)count;
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
