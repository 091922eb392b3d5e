namespace MmuNotifier.Caching.Redis;

/// <summary>What lookups do on a node that has no lease, because it has not reached Redis for too long.</summary>
public enum RedisUnavailableBehavior
{
    /// <summary>
    /// Each lookup calls its loader, and nothing is kept; <see cref="RedisCoherentCacheOptions.MaxUncachedLoads"/> of them at a time.
    /// </summary>
    LoadFromSource,

    /// <summary>Lookups throw <see cref="RedisCacheUnavailableException"/>.</summary>
    Throw,
}
