using MmuNotifier.Caching;

namespace MmuNotifier.Growth;

/// <summary>A cache of values by name for a row.</summary>
internal sealed class GrowthCache
{
    public static readonly TimeSpan Expiration = TimeSpan.FromSeconds(10);

    public GrowthCache(long sizeLimit = 1_000_000_000)
    {
        Cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = sizeLimit, Expiration = Expiration, TimeProvider = Time });
    }

    public CoherentCache Cache { get; }

    public GrowthTime Time { get; } = new();

    public static string KeyAt(int index) => $"n:{index}:v";

    /// <summary>n entries, each with a segment of its own.</summary>
    public GrowthCache With(int count, params string[] tags)
    {
        for (int i = 0; i < count; i++)
            Cache.Set(KeyAt(i), i, null, tags);
        return this;
    }

    public void Load(string key, params string[] tags)
    {
        ValueTask<int> load = Cache.GetOrLoadAsync(key, 0, static (_, _) => ValueTask.FromResult(0), null, tags);
        if (!load.IsCompletedSuccessfully)
            throw new InvalidOperationException("A load that returns at once is complete.");
    }

    public void Hit(string key)
    {
        if (!Cache.TryGet(key, out int _))
            throw new InvalidOperationException($"'{key}' is not in the cache.");
    }
}
