using MmuNotifier.Caching;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>Ours.</summary>
internal sealed class CoherentRaced : IRacedCache
{
    private readonly ManualTime _time = new();
    private readonly CoherentCache _cache;

    public CoherentRaced()
    {
        _cache = new CoherentCache(new CoherentCacheOptions
        {
            SizeLimit = 4,
            TimeProvider = _time,
            Expiration = TimeSpan.FromSeconds(100),
            RefreshAfter = TimeSpan.FromSeconds(10),
        });
    }

    public string Name => "MmuNotifier.Caching";

    public bool Supports(RaceKind kind) => true;

    public ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _cache.GetOrLoadAsync(key, loader, null, [tag]);

    public ValueTask SetAsync(string key, string tag, int value)
    {
        _cache.Set(key, value, null, [tag]);
        return default;
    }

    public ValueTask RemoveAsync(string key)
    {
        _cache.Remove(key);
        return default;
    }

    public ValueTask RemoveByTagAsync(string tag)
    {
        _cache.RemoveByTag(tag);
        return default;
    }

    public ValueTask RemoveByPrefixAsync(string prefix)
    {
        _cache.RemoveByPrefix(prefix);
        return default;
    }

    public IAsyncDisposable StartScope(string key) => _cache.StartInvalidation(CacheName.Key(key));

    public void MakeRefreshDue() => _time.Advance(10_000);

    public void Expire() => _time.Advance(100_000);

    public void Dispose() => _cache.Dispose();
}
