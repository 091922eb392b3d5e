using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>MemoryCache by its own GetOrCreateAsync.</summary>
internal sealed class MemoryCacheRaced : IRacedCache, ISystemClock
{
    private readonly MemoryCache _cache;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public MemoryCacheRaced()
    {
        _cache = new MemoryCache(new MemoryCacheOptions { Clock = this });
    }

    public string Name => "MemoryCache";

    public DateTimeOffset UtcNow => _now;

    public bool Supports(RaceKind kind) => kind is RaceKind.Remove or RaceKind.RemoveSetRemove or RaceKind.Set or RaceKind.Expiry;

    public async ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        await _cache.GetOrCreateAsync(key, entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(100);
            return loader(default).AsTask();
        }).ConfigureAwait(false);

    public ValueTask SetAsync(string key, string tag, int value)
    {
        _cache.Set(key, value, TimeSpan.FromSeconds(100));
        return default;
    }

    public ValueTask RemoveAsync(string key)
    {
        _cache.Remove(key);
        return default;
    }

    public ValueTask RemoveByTagAsync(string tag) => throw new NotSupportedException();

    public ValueTask RemoveByPrefixAsync(string prefix) => throw new NotSupportedException();

    public IAsyncDisposable StartScope(string key) => throw new NotSupportedException();

    public void MakeRefreshDue() => throw new NotSupportedException();

    public void Expire() => _now += TimeSpan.FromSeconds(100);

    public void Dispose() => _cache.Dispose();
}
