using System.Globalization;

namespace MmuNotifier.Caching.Tests;

/// <summary>
/// Many threads and an oracle: a lookup never gets a version older than one whose invalidation had returned before the lookup began.
/// MMUN_STRESS_SECONDS makes it longer, MMUN_STRESS_SEED other.
/// </summary>
public sealed class StressTests : IDisposable
{
    private const int KeyCount = 12;
    private static readonly int s_seed = Setting("MMUN_STRESS_SEED", 0);
    private static readonly int s_rounds = 20_000 * Setting("MMUN_STRESS_SECONDS", 1);

    private readonly CoherentCache _cache = new(new CoherentCacheOptions { SizeLimit = 8, MaxLoadAttempts = 3 });
    private readonly Lock[] _writers = [.. Enumerable.Range(0, KeyCount).Select(_ => new Lock())];
    private readonly long[] _source = new long[KeyCount];
    private readonly long[] _returned = new long[KeyCount];

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task No_lookup_gets_what_was_invalidated_before_it_began()
    {
        Task[] threads = [.. Enumerable.Range(0, 6).Select(seed => Task.Run(() => RunAsync(new Random(s_seed + seed))))];
        await Task.WhenAll(threads);
        _cache.RemoveByPrefix("");
        Patience.Until(() => _cache is { Count: 0, KeysInUse: 0, TagsInUse: 0 }, "everything is given back");
        Assert.Equal(0, _cache.Size);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    private static string KeyOf(int key) => $"{key % 2}:{key / 2 % 3}:{key}";

    private static string[] TagsOf(int key) => [$"t{key % 3}", $"u{key % 4}"];

    private async Task RunAsync(Random random)
    {
        for (int i = 0; i < s_rounds; i++)
        {
            int key = random.Next(KeyCount);
            if (random.Next(4) == 0)
                Change(key, random.Next(9));
            else
                await LookUpAsync(key, random.Next(6));
        }
    }

    private async Task LookUpAsync(int key, int way)
    {
        long atLeast = Volatile.Read(ref _returned[key]);
        long value = atLeast;
        try
        {
            CacheEntryOptions? options = way switch
            {
                0 => new CacheEntryOptions { SkipLookup = true },
                1 => new CacheEntryOptions { Expiration = TimeSpan.FromMilliseconds(1), RefreshAfter = TimeSpan.FromMilliseconds(1) },
                _ => null,
            };
            using var cancellation = new CancellationTokenSource();
            if (way == 2)
                cancellation.CancelAfter(TimeSpan.Zero);
            if (way == 3)
            {
                if (_cache.TryGet(KeyOf(key), out long kept))
                    value = kept;
            }
            else
            {
                value = await _cache.GetOrLoadAsync(KeyOf(key), t => LoadAsync(key, way, t), options, TagsOf(key), cancellation.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (InvalidDataException)
        {
        }

        Assert.True(value >= atLeast, $"key {key}: got {value}, and {atLeast} had been invalidated to before.");
    }

    private async ValueTask<long> LoadAsync(int key, int way, CancellationToken cancellationToken)
    {
        long value = Volatile.Read(ref _source[key]);
        if (way > 2)
            await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return way == 5 && value % 7 == 0 ? throw new InvalidDataException() : value;
    }

    private void Change(int key, int way)
    {
        lock (_writers[key])
        {
            switch (way)
            {
                case 0:
                    _cache.Set(KeyOf(key), ++_source[key], null, TagsOf(key));
                    break;
                case 1:
                case 2:
                case 3:
                    CacheName name = way == 1 ? CacheName.Key(KeyOf(key)) : CacheName.Tag($"t{key % 3}");
                    using (_cache.StartInvalidation(way == 3 ? CacheName.Prefix(KeyOf(key)[..3]) : name))
                        Volatile.Write(ref _source[key], _source[key] + 1);
                    break;
                default:
                    Volatile.Write(ref _source[key], _source[key] + 1);
                    Remove(key, way);
                    break;
            }

            Volatile.Write(ref _returned[key], _source[key]);
        }
    }

    private void Remove(int key, int way)
    {
        switch (way)
        {
            case 4:
                _cache.Remove(KeyOf(key));
                break;
            case 5:
                _cache.RemoveByTag(TagsOf(key)[1]);
                break;
            case 6:
                _cache.RemoveByPrefix(KeyOf(key)[..2]);
                break;
            case 7:
                _cache.RemoveByPrefix(KeyOf(key)[..5]);
                break;
            default:
                _cache.RemoveByPrefix("");
                break;
        }
    }
}
