namespace MmuNotifier.Caching.Redis;

/// <summary>When an invalidation counts on the other nodes.</summary>
public enum RedisCoherenceMode
{
    /// <summary>
    /// When the message has arrived; on a node that cannot be reached, when its lease ends. The invalidation returns when Redis has it.
    /// </summary>
    Bounded,

    /// <summary>When the invalidation has returned: it waits until every node has acknowledged, or its lease has ended.</summary>
    Strict,
}
