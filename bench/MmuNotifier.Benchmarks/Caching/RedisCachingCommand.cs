using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using MmuNotifier.Caching;
using MmuNotifier.Caching.Redis;
using MmuNotifier.Tests.Shared;
using StackExchange.Redis;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>The costs of the cache on Redis, beside plain StackExchange.Redis in the same run, in rounds that take turns.</summary>
internal static class RedisCachingCommand
{
    private const int Rounds = 20;
    private const int HitsPerRound = 400_000;

    public static Command Create()
    {
        var invalidations = new Option<int>("--invalidations") { Description = "Of each mode.", DefaultValueFactory = _ => 10_000 };
        var command = new Command("caching-redis", "Measures misses, second-level hits, hits and invalidations of RedisCoherentCache.")
        {
            invalidations,
        };
        command.SetAction(parsed => RunAsync(parsed.GetValue(invalidations)));
        return command;
    }

    private static async Task RunAsync(int invalidations)
    {
        using var server = new RedisServerProcess();
        var redis = new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, server.Port } } };
        await using ConnectionMultiplexer plain = await ConnectionMultiplexer.ConnectAsync(redis).ConfigureAwait(false);
        await RedisLookupCosts.CompareAsync(redis, plain.GetDatabase()).ConfigureAwait(false);
        await MeasureHitsAsync(redis).ConfigureAwait(false);
        WriteRow($"| 3 nodes, µs | p50 | p99 | p99.9 |");
        WriteRow($"|---|---|---|---|");
        await MeasureInvalidationsAsync(redis, RedisCoherenceMode.Bounded, invalidations).ConfigureAwait(false);
        await MeasureInvalidationsAsync(redis, RedisCoherenceMode.Strict, invalidations).ConfigureAwait(false);
    }

    private static async Task MeasureHitsAsync(ConfigurationOptions redis)
    {
        await using RedisCoherentCache cache = await StartAsync(redis, "hits", RedisCoherenceMode.Strict).ConfigureAwait(false);
        using var local = new CoherentCache();
        string[] keys = [.. Enumerable.Range(0, 1000).Select(each => $"user:{each}:name")];
        Func<int, CancellationToken, ValueTask<string>> loader = static (_, _) => ValueTask.FromResult("value");
        var times = new List<double>[] { [], [] };
        double bytes = 0;
        for (int round = -3; round < Rounds; round++)
        {
            double one = Time(key => local.GetOrLoadAsync(key, 0, loader));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            double two = Time(key => cache.GetOrLoadAsync(key, 0, loader));
            bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)HitsPerRound;
            if (round < 0)
                continue;
            times[0].Add(one);
            times[1].Add(two);
        }

        double[] median = [.. times.Select(each => each.Order().ElementAt(Rounds / 2))];
        WriteRow($"| hit, ns | CoherentCache | RedisCoherentCache | bytes |");
        WriteRow($"|---|---|---|---|");
        WriteRow($"| | {median[0]:F1} | {median[1]:F1} | {bytes:F0} |");
        WriteRow($"");

        double Time(Func<string, ValueTask<string>> hit)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < HitsPerRound / keys.Length; i++)
            {
                foreach (string key in keys)
                {
                    ValueTask<string> found = hit(key);
                    if (!found.IsCompletedSuccessfully)
                        found.AsTask().Wait(); // The first round loads.
                }
            }

            return Stopwatch.GetElapsedTime(start).TotalNanoseconds / HitsPerRound;
        }
    }

    private static async Task MeasureInvalidationsAsync(ConfigurationOptions redis, RedisCoherenceMode mode, int invalidations)
    {
        string prefix = "invalidations" + mode;
        await using RedisCoherentCache a = await StartAsync(redis, prefix, mode).ConfigureAwait(false);
        await using RedisCoherentCache b = await StartAsync(redis, prefix, mode).ConfigureAwait(false);
        await using RedisCoherentCache c = await StartAsync(redis, prefix, mode).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(6)).ConfigureAwait(false); // Until the epoch is settled.
        long[] returned = new long[invalidations];
        long[] applied = new long[invalidations];
        for (int i = -200; i < invalidations; i++)
        {
            await b.SetAsync("key", i).ConfigureAwait(false);
            long start = Stopwatch.GetTimestamp();
            await a.RemoveAsync("key").ConfigureAwait(false);
            long end = Stopwatch.GetTimestamp();
            while (b.TryGet("key", out int _))
                Thread.SpinWait(1);
            if (i < 0)
                continue;
            returned[i] = end - start;
            applied[i] = Stopwatch.GetTimestamp() - end;
        }

        Write($"{mode}: until the invalidation returned", Percentiles.Of(returned));
        Write($"{mode}: from then until another node had applied it", Percentiles.Of(applied));
    }

    internal static async Task<RedisCoherentCache> StartAsync(ConfigurationOptions redis, string prefix, RedisCoherenceMode mode)
    {
        var cache = new RedisCoherentCache(new RedisCoherentCacheOptions { Redis = redis, KeyPrefix = prefix, Mode = mode });
        await cache.StartAsync().ConfigureAwait(false);
        return cache;
    }

    private static void Write(string name, Percentiles of) =>
        WriteRow($"| {name} | {of.P50 / 1000:F0} | {of.P99 / 1000:F0} | {of.P999 / 1000:F0} |");

    internal static void WriteRow(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
