using Microsoft.Extensions.Caching.Distributed;

namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>A distributed cache with a gate for the next value that is found.</summary>
internal sealed class GatedDistributedCache(IDistributedCache cache) : IDistributedCache
{
    private volatile LevelGate? _gate;

    public LevelGate HoldNextValue() => _gate = new LevelGate();

    public byte[]? Get(string key) => cache.Get(key);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        byte[]? value = await cache.GetAsync(key, token).ConfigureAwait(false);
        if (value is not null && _gate is { } gate && key.Contains("value", StringComparison.Ordinal))
        {
            _gate = null;
            gate.Enter();
            await gate.Released.ConfigureAwait(false);
        }

        return value;
    }

    public void Refresh(string key) => cache.Refresh(key);

    public Task RefreshAsync(string key, CancellationToken token = default) => cache.RefreshAsync(key, token);

    public void Remove(string key) => cache.Remove(key);

    public Task RemoveAsync(string key, CancellationToken token = default) => cache.RemoveAsync(key, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => cache.Set(key, value, options);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        cache.SetAsync(key, value, options, token);
}
