namespace MmuNotifier.Caching;

/// <summary>
/// What an invalidation of the cache's space is about; its callbacks get it as the owner. Ranges of addresses find the notifiers, the names
/// say which of them are meant.
/// </summary>
/// <param name="Name">What is invalidated, unless there are <paramref name="Prefixes"/>.</param>
/// <param name="Prefixes">Several prefixes that are invalidated together; null for one name.</param>
/// <param name="IsScopeEnd">The end of a scope: only loads that began inside are meant, so that nobody joins them any more.</param>
internal sealed record CacheChange(CacheName Name, PrefixSet? Prefixes, bool IsScopeEnd)
{
    public bool Covers(string key) => Prefixes?.Covers(key) ?? Name.Covers(key);
}
