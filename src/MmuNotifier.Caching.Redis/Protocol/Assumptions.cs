namespace MmuNotifier.Caching.Redis;

/// <summary>What strict mode needs of Redis. Looked at whenever a node asks for a lease.</summary>
internal static class Assumptions
{
    /// <returns>What is not as it should be; null if all is.</returns>
    public static string? FindUnmet(RedisCoherentCacheOptions options, SyncReply reply)
    {
        if (options.Mode != RedisCoherenceMode.Strict)
            return null;
        if (reply.Replicas != options.Replicas)
        {
            return $"Redis has {reply.Replicas} replicas, and the options say {options.Replicas}: an invalidation that waits for fewer "
                + "than all can be lost in a failover.";
        }

        return reply.EvictionPolicy.StartsWith("allkeys-", StringComparison.Ordinal)
            ? $"Redis has the policy {reply.EvictionPolicy}, which may evict the log: use noeviction or one of volatile-*."
            : null;
    }
}
