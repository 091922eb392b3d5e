using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Internal;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>Microsoft's, as AddHybridCache gives it, over a memory cache whose clock races set.</summary>
internal sealed class HybridCacheRaced : IRacedCache, ISystemClock
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public HybridCacheRaced()
    {
        var services = new ServiceCollection();
        services.Configure<MemoryCacheOptions>(options => options.Clock = this);
        services.AddHybridCache();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public string Name => "HybridCache";

    public DateTimeOffset UtcNow => _now;

    public bool Supports(RaceKind kind) =>
        kind is RaceKind.Remove or RaceKind.Tag or RaceKind.RemoveSetRemove or RaceKind.Set or RaceKind.Expiry;

    public ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _cache.GetOrCreateAsync(key, loader, null, [tag]);

    public ValueTask SetAsync(string key, string tag, int value) => _cache.SetAsync(key, value, null, [tag]);

    public ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key);

    public ValueTask RemoveByTagAsync(string tag) => _cache.RemoveByTagAsync(tag);

    public ValueTask RemoveByPrefixAsync(string prefix) => throw new NotSupportedException();

    public IAsyncDisposable StartScope(string key) => throw new NotSupportedException();

    public void MakeRefreshDue() => throw new NotSupportedException();

    /// <summary>Its entries live for five minutes.</summary>
    public void Expire() => _now += TimeSpan.FromMinutes(5);

    public void Dispose() => _services.Dispose();
}
