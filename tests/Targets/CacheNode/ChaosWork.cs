using System.Diagnostics;
using MmuNotifier.Caching;
using MmuNotifier.Caching.Redis;

namespace MmuNotifier.Tests.Targets.CacheNode;

/// <summary>
/// Lookups and changes at random. Every lookup is written down with its begin and the version that it got, every change with the return of
/// its invalidation, by the machine's monotonic clock, which all processes share.
/// </summary>
internal sealed class ChaosWork(RedisCoherentCache cache, Source source, string events, int seed)
{
    private const int KeyCount = 12;
    private const int Lookers = 3;
    private static readonly Lock s_lock = new();

    private readonly StreamWriter _events = new(events, append: true) { AutoFlush = true };
    private volatile bool _isOver;

    public async Task RunAsync()
    {
        Console.WriteLine("ready");
        Task[] work =
        [
            .. Enumerable.Range(0, Lookers).Select(each => Task.Run(() => LookUpAsync(new Random(seed + each)))),
            Task.Run(() => ChangeAsync(new Random(seed + Lookers))),
        ];
        while (Console.ReadLine() is not null)
        {
            // Until the input ends.
        }

        _isOver = true;
        await Task.WhenAll(work);
        await _events.DisposeAsync();
    }

    private static string KeyOf(int key) => $"{key % 3}:{key}";

    private static string[] TagsOf(int key) => [$"t{key % 4}"];

    private async Task LookUpAsync(Random random)
    {
        for (int i = 0; !_isOver; i++)
        {
            string key = KeyOf(random.Next(KeyCount));
            int number = int.Parse(key.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
            bool hasLoaded = false;
            long begin = Stopwatch.GetTimestamp();
            try
            {
                long version = await cache.GetOrLoadAsync(key, async token =>
                {
                    hasLoaded = true;
                    long read = source.Read(key);
                    if (random.Next(4) == 0)
                        await Task.Delay(random.Next(20), token);
                    return read;
                }, null, TagsOf(number));
                Write($"L {key} {version} {begin} {(hasLoaded ? 1 : 0)}");
            }
            catch (RedisCacheUnavailableException)
            {
                // Allowed, and counted by nobody.
            }

            if (i % 20 == 0)
                await Task.Delay(1);
        }
    }

    private async Task ChangeAsync(Random random)
    {
        while (!_isOver)
        {
            await Task.Delay(random.Next(15));
            int number = random.Next(KeyCount);
            string key = KeyOf(number);
            CacheName name = random.Next(4) switch
            {
                0 => CacheName.Tag(TagsOf(number)[0]),
                1 => CacheName.Prefix(key[..2]),
                _ => CacheName.Key(key),
            };
            try
            {
                long version;
                if (random.Next(6) == 0)
                {
                    await using (await cache.StartInvalidationAsync([name]))
                        version = source.Change(key);
                }
                else
                {
                    version = source.Change(key);
                    await cache.InvalidateAsync([name]);
                }

                Write($"I {key} {version} {Stopwatch.GetTimestamp()}");
            }
            catch (InvalidationOutcomeUnknownException)
            {
                Write("U"); // Unknown: the next change of the key invalidates it too.
            }
        }
    }

    private void Write(string line)
    {
        lock (s_lock)
            _events.WriteLine(line);
    }
}
