using ZiggyCreatures.Caching.Fusion;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>FusionCache in memory, with eager refresh for the race of the background.</summary>
internal sealed class FusionCacheRaced : IRacedCache
{
    private static readonly TimeSpan s_untilRefresh = TimeSpan.FromMilliseconds(2);
    private readonly FusionCache _cache;

    public FusionCacheRaced(bool refreshes)
    {
        _cache = new FusionCache(new FusionCacheOptions
        {
            DefaultEntryOptions = new FusionCacheEntryOptions(TimeSpan.FromSeconds(20))
            {
                EagerRefreshThreshold = refreshes ? 0.0001f : null,
            },
        });
    }

    public string Name => "FusionCache";

    public bool Supports(RaceKind kind) =>
        kind is RaceKind.Remove or RaceKind.Tag or RaceKind.RemoveSetRemove or RaceKind.Set or RaceKind.BackgroundRefresh;

    public ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _cache.GetOrSetAsync<int>(key, async (_, token) => await loader(token).ConfigureAwait(false), tags: [tag]);

    public ValueTask SetAsync(string key, string tag, int value) => _cache.SetAsync(key, value, tags: [tag]);

    public ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key);

    public ValueTask RemoveByTagAsync(string tag) => _cache.RemoveByTagAsync(tag);

    public ValueTask RemoveByPrefixAsync(string prefix) => throw new NotSupportedException();

    public IAsyncDisposable StartScope(string key) => throw new NotSupportedException();

    /// <summary>Its clock is the system's.</summary>
    public void MakeRefreshDue() => Thread.Sleep(s_untilRefresh * 2);

    public void Expire() => throw new NotSupportedException();

    public void Dispose() => _cache.Dispose();
}
