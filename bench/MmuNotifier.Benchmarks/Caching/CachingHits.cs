using System.Collections.Concurrent;
using System.Diagnostics;
using BitFaster.Caching.Lru;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using MmuNotifier.Caching;
using ZiggyCreatures.Caching.Fusion;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>What a hit costs, in rounds that take turns.</summary>
internal static class CachingHits
{
    public const int KeyCount = 1000;
    private const int Rounds = 15;
    private const int HitsPerRound = 400_000;
    private static readonly string[] s_keys = [.. Enumerable.Range(0, KeyCount).Select(each => $"user:{each}:name")];
    private static readonly string[] s_tags = ["people"];
    private static readonly Loaders s_loaders = new();

    /// <returns>Of each case: nanoseconds (median of the rounds) and bytes of a hit.</returns>
    public static IReadOnlyList<(string Name, double Nanoseconds, double Bytes)> Measure()
    {
        List<HitCase> cases = MakeCases();
        var times = cases.Select(_ => new List<double>()).ToList();
        var bytes = new double[cases.Count];
        for (int round = -2; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                long start = Stopwatch.GetTimestamp();
                Run(cases[i].Hit);
                double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / HitsPerRound;
                if (round < 0)
                    continue;
                times[i].Add(nanoseconds);
                bytes[i] = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)HitsPerRound;
            }
        }

        return [.. cases.Select((each, i) => (each.Name, times[i].Order().ElementAt(Rounds / 2), bytes[i]))];
    }

    private static int Run(Func<string, int> hit)
    {
        int sum = 0;
        for (int i = 0; i < HitsPerRound / KeyCount; i++)
        {
            foreach (string key in s_keys)
                sum += hit(key);
        }

        return sum;
    }

    private static List<HitCase> MakeCases()
    {
        var cases = new List<HitCase>();
        foreach (string[]? tags in (string[]?[])[null, s_tags])
        {
            string with = tags is null ? "" : ", with a tag";
            var own = new CoherentCache();
            cases.Add(new HitCase(
                "CoherentCache" + with, key => LengthOf(own.GetOrLoadAsync(key, s_loaders, s_loaders.Load, null, tags))));
            var hybrid = new CoherentHybridCache(new CoherentCache());
            cases.Add(new HitCase(
                "CoherentHybridCache" + with, key => LengthOf(hybrid.GetOrCreateAsync(key, s_loaders, s_loaders.Load, null, tags))));
            HybridCache other = MakeHybridCache();
            cases.Add(new HitCase(
                "HybridCache" + with, key => LengthOf(other.GetOrCreateAsync(key, s_loaders, s_loaders.Load, null, tags))));
            var fusion = new FusionCache(new FusionCacheOptions());
            cases.Add(new HitCase(
                "FusionCache" + with, key => LengthOf(fusion.GetOrSetAsync<string>(key, s_loaders.FusionLoad, default, null, tags))));
        }

        var memory = new MemoryCache(new MemoryCacheOptions());
        cases.Add(new HitCase("MemoryCache", key => memory.GetOrCreate(key, Loaders.Create)!.Length));
        var lru = new ConcurrentLru<string, string>(KeyCount * 4);
        cases.Add(new HitCase("BitFaster ConcurrentLru", key => lru.GetOrAdd(key, Loaders.Make).Length));
        var dictionary = new ConcurrentDictionary<string, string>();
        cases.Add(new HitCase("ConcurrentDictionary", key => dictionary.GetOrAdd(key, Loaders.Make).Length));
        return cases;
    }

    private static int LengthOf(ValueTask<string> hit) => hit.IsCompletedSuccessfully ? hit.Result.Length : hit.AsTask().Result.Length;

    public static HybridCache MakeHybridCache()
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        return services.BuildServiceProvider().GetRequiredService<HybridCache>();
    }

    /// <summary>The loaders, made once, so that a hit pays for no delegate.</summary>
    private sealed class Loaders
    {
        public readonly Func<Loaders, CancellationToken, ValueTask<string>> Load =
            static (_, _) => ValueTask.FromResult("value");

        public readonly Func<FusionCacheFactoryExecutionContext<string>, CancellationToken, Task<string>> FusionLoad =
            static (_, _) => Task.FromResult("value");

        public static readonly Func<string, string> Make = static _ => "value";

        public static readonly Func<ICacheEntry, string> Create = static entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5);
            return "value";
        };
    }
}
