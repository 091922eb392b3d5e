using ZiggyCreatures.Caching.Fusion;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>
/// FusionCache in memory, with fail-safe as its documents recommend, and with eager refresh for the race of the background.
/// </summary>
/// <remarks>
/// Its clock is the system's. So that a race need not wait for long, the refresh is due after 0.01 % of the duration instead of some 90 %,
/// and what is to expire is kept for some milliseconds only; what the raced load keeps has the full duration.
/// </remarks>
internal sealed class FusionCacheRaced : IRacedCache
{
    private static readonly TimeSpan s_untilRefresh = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_shortDuration = TimeSpan.FromMilliseconds(2);
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly FusionCacheEntryOptions _options;
    private readonly FusionCacheEntryOptions _shortOptions;
    private readonly bool _expires;
    private bool _isNextShort;

    public FusionCacheRaced(RaceKind kind)
    {
        _options = new FusionCacheEntryOptions(s_duration)
        {
            IsFailSafeEnabled = true,
            EagerRefreshThreshold = kind == RaceKind.BackgroundRefresh ? 0.0001f : null,
        };
        _shortOptions = new FusionCacheEntryOptions(s_shortDuration) { IsFailSafeEnabled = true };
        _expires = kind == RaceKind.Expiry;
        _isNextShort = _expires;
    }

    public string Name => "FusionCache";

    public bool Supports(RaceKind kind) =>
        kind is RaceKind.Remove or RaceKind.Tag or RaceKind.RemoveSetRemove or RaceKind.Set or RaceKind.BackgroundRefresh
            or RaceKind.Expiry;

    public ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _cache.GetOrSetAsync<int>(
            key, async (_, token) => await loader(token).ConfigureAwait(false), _isNextShort ? _shortOptions : _options, tags: [tag]);

    public ValueTask SetAsync(string key, string tag, int value) => _cache.SetAsync(key, value, _options, tags: [tag]);

    public ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key);

    public void BeginRace() => _isNextShort = _expires;

    public ValueTask RemoveByTagAsync(string tag) => _cache.RemoveByTagAsync(tag);

    public ValueTask RemoveByPrefixAsync(string prefix) => throw new NotSupportedException();

    public IAsyncDisposable StartScope(string key) => throw new NotSupportedException();

    public void MakeRefreshDue() => Thread.Sleep(s_untilRefresh * 2);

    public void Expire()
    {
        Thread.Sleep(s_shortDuration * 2);
        _isNextShort = false;
    }

    public void Dispose() => _cache.Dispose();
}
