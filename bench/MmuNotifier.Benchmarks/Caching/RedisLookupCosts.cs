using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using MmuNotifier.Caching.Redis;
using StackExchange.Redis;

namespace MmuNotifier.Benchmarks.Caching;

/// <summary>
/// Lookups that ask Redis, here and by the plain client, in rounds that take turns. A miss is a GET, the loader, and a SET that nobody
/// waits for; a hit in Redis is a GET. The plain client keeps nothing in its process; beside a MemoryCache it does.
/// </summary>
internal static class RedisLookupCosts
{
    private const int Rounds = 20;

    /// <summary>Until the code that runs has been compiled a second time, optimised: in a service it is, after the first seconds.</summary>
    private const int WarmUpRounds = 30;

    public static async Task CompareAsync(ConfigurationOptions redis, IDatabase database)
    {
        await using RedisCoherentCache cache = await StartAsync(redis).ConfigureAwait(false);
        await using RedisCoherentCache other = await StartAsync(redis).ConfigureAwait(false);
        using var memory = new MemoryCache(new MemoryCacheOptions());
        using var otherMemory = new MemoryCache(new MemoryCacheOptions());
        Row[] rows =
        [
            new("plain StackExchange.Redis", key => PlainAsync(database, "plain" + key), key => PlainAsync(database, "plain" + key)),
            new("beside a MemoryCache", key => KeptAsync(memory, database, key), key => KeptAsync(otherMemory, database, key)),
            new("ours", key => CacheAsync(cache, key), key => CacheAsync(other, key)),
        ];
        for (int round = -WarmUpRounds; round < Rounds; round++)
        {
            string prefix = $"{round}:";
            foreach (Row row in rows)
            {
                await row.Misses.RunRoundAsync(key => row.Miss(prefix + key), isKept: round >= 0).ConfigureAwait(false);
                await row.Hits.RunRoundAsync(key => row.Hit(prefix + key), isKept: round >= 0).ConfigureAwait(false);
            }
        }

        RedisCachingCommand.WriteRow($"| | miss, µs | × plain | bytes | hit in Redis, µs | × plain | bytes |");
        RedisCachingCommand.WriteRow($"|---|---|---|---|---|---|---|");
        foreach (Row row in rows)
            RedisCachingCommand.WriteRow($"| {row.Name} {Text(row.Misses, rows[0].Misses)}{Text(row.Hits, rows[0].Hits)}|");
        RedisCachingCommand.WriteRow($"");
    }

    private static FormattableString Text(CallSamples of, CallSamples plain) =>
        $"| {of.Microseconds:F1} | {of.Microseconds / plain.Microseconds:F2} | {of.Bytes:F0} ";

    private static async Task PlainAsync(IDatabase database, string key)
    {
        RedisValue value = await database.StringGetAsync(key).ConfigureAwait(false);
        if (value.HasValue)
        {
            _ = JsonSerializer.Deserialize<string>((byte[])value!);
            return;
        }

        database.StringSet(key, JsonSerializer.SerializeToUtf8Bytes("value"), TimeSpan.FromMinutes(5), flags: CommandFlags.FireAndForget);
    }

    private static async Task KeptAsync(MemoryCache memory, IDatabase database, string key)
    {
        if (memory.TryGetValue(key, out _))
            return;
        await PlainAsync(database, "kept" + key).ConfigureAwait(false);
        memory.Set(key, "value", TimeSpan.FromMinutes(5));
    }

    private static async Task CacheAsync(RedisCoherentCache cache, string key) =>
        await cache.GetOrLoadAsync(key, static _ => ValueTask.FromResult("value")).ConfigureAwait(false);

    private static Task<RedisCoherentCache> StartAsync(ConfigurationOptions redis) =>
        RedisCachingCommand.StartAsync(redis, "compared", RedisCoherenceMode.Bounded);

    private sealed record Row(string Name, Func<string, Task> Miss, Func<string, Task> Hit)
    {
        public CallSamples Misses { get; } = new();

        public CallSamples Hits { get; } = new();
    }
}
