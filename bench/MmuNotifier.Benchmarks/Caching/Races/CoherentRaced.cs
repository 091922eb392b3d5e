using System.Diagnostics.Metrics;
using MmuNotifier.Caching;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>Ours.</summary>
internal sealed class CoherentRaced : IRacedCache
{
    private readonly ManualTime _time = new();
    private readonly CoherentCache _cache;
    private readonly MeterListener _listener = new();
    private int _refreshes;
    private int _collisions;

    public CoherentRaced(RaceKind kind)
    {
        if (kind == RaceKind.BackgroundRefresh)
            CountCollisions();
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

    /// <summary>Each race makes one load collide, and the cache counts that when it has decided what becomes of the value.</summary>
    public async ValueTask WaitForRefreshAsync()
    {
        _refreshes++;
        long start = Environment.TickCount64;
        while (Volatile.Read(ref _collisions) < _refreshes && Environment.TickCount64 - start < 1000)
            await Task.Yield();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _cache.Dispose();
    }

    private void CountCollisions()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "mmunotifier.cache.loads")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach ((_, object? value) in tags)
            {
                if (value is "collided")
                    Interlocked.Increment(ref _collisions);
            }
        });
        _listener.Start();
    }
}
