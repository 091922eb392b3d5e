using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>Microsoft's, as AddHybridCache gives it.</summary>
internal sealed class HybridCacheRaced : IRacedCache
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;

    public HybridCacheRaced()
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
    }

    public string Name => "HybridCache";

    public bool Supports(RaceKind kind) => kind is RaceKind.Remove or RaceKind.Tag or RaceKind.RemoveSetRemove or RaceKind.Set;

    public ValueTask<int> GetAsync(string key, string tag, Func<CancellationToken, ValueTask<int>> loader) =>
        _cache.GetOrCreateAsync(key, loader, null, [tag]);

    public ValueTask SetAsync(string key, string tag, int value) => _cache.SetAsync(key, value, null, [tag]);

    public ValueTask RemoveAsync(string key) => _cache.RemoveAsync(key);

    public ValueTask RemoveByTagAsync(string tag) => _cache.RemoveByTagAsync(tag);

    public ValueTask RemoveByPrefixAsync(string prefix) => throw new NotSupportedException();

    public IAsyncDisposable StartScope(string key) => throw new NotSupportedException();

    public void MakeRefreshDue() => throw new NotSupportedException();

    public void Expire() => throw new NotSupportedException();

    public void Dispose() => _services.Dispose();
}
