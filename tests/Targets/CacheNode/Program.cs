using System.Globalization;
using MmuNotifier.Caching.Redis;
using MmuNotifier.Tests.Targets.CacheNode;
using StackExchange.Redis;

// CacheNode PORT MODE LEASE_MS DATABASE EVENTS SEED: one node of a cache over the database. With a seed it makes lookups and changes of its
// own until its input ends, and writes what it did to EVENTS. With the seed 0 it obeys the lines of its input instead.
var redis = new ConfigurationOptions { ConnectTimeout = 1000, EndPoints = { { "127.0.0.1", Number(args[0]) } } };
var options = new RedisCoherentCacheOptions
{
    Redis = redis,
    Mode = Enum.Parse<RedisCoherenceMode>(args[1]),
    LeaseDuration = TimeSpan.FromMilliseconds(Number(args[2])),
    InvalidationTimeout = TimeSpan.FromSeconds(2),
    MaxScopeDuration = TimeSpan.FromSeconds(3),
};
using var source = new Source(args[3]);
await using var cache = new RedisCoherentCache(options);
await cache.StartAsync();
int seed = Number(args[5]);
if (seed == 0)
    await Obedience.RunAsync(cache, source);
else
    await new ChaosWork(cache, source, args[4], seed).RunAsync();

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
