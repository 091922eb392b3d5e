using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Primitives;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>MemoryCache with a task that starts once in each entry, and a change token for each tag: what careful programs write.</summary>
internal sealed class LazyMemoryCacheRaced : IRacedCache, ISystemClock
{
    private readonly MemoryCache _cache;
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _tags = new();
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public LazyMemoryCacheRaced()
    {
        _cache = new MemoryCache(new MemoryCacheOptions { Clock = this });
    }

    public string Name => "MemoryCache, Lazy + tokens";

    public DateTimeOffset UtcNow => _now;

    public bool Supports(RaceKind kind) =>
        kind is RaceKind.Remove or RaceKind.Tag or RaceKind.RemoveSetRemove or RaceKind.Set or RaceKind.Expiry;

    public async ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader)
    {
        if (!_cache.TryGetValue(key, out Lazy<Task<int>>? lazy))
        {
            lazy = new Lazy<Task<int>>(() => loader(default).AsTask());
            Add(key, tag, lazy);
        }

        return await lazy!.Value.ConfigureAwait(false);
    }

    public ValueTask SetAsync(string key, string tag, int value)
    {
        Add(key, tag, new Lazy<Task<int>>(Task.FromResult(value)));
        return default;
    }

    public ValueTask RemoveAsync(string key)
    {
        _cache.Remove(key);
        return default;
    }

    public ValueTask RemoveByTagAsync(string tag)
    {
        if (_tags.TryRemove(tag, out CancellationTokenSource? source))
            source.Cancel();
        return default;
    }

    public ValueTask RemoveByPrefixAsync(string prefix) => throw new NotSupportedException();

    public IAsyncDisposable StartScope(string key) => throw new NotSupportedException();

    public void MakeRefreshDue() => throw new NotSupportedException();

    public void Expire() => _now += TimeSpan.FromSeconds(100);

    public void Dispose() => _cache.Dispose();

    private void Add(string key, string tag, Lazy<Task<int>> value)
    {
        using ICacheEntry entry = _cache.CreateEntry(key);
        entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(100);
        entry.AddExpirationToken(new CancellationChangeToken(_tags.GetOrAdd(tag, _ => new CancellationTokenSource()).Token));
        entry.Value = value;
    }
}
