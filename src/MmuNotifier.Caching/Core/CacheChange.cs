namespace MmuNotifier.Caching;

/// <summary>
/// What an invalidation of the cache's space is about; its callbacks get it as the owner. Ranges of addresses find the notifiers, the name
/// says which of them are meant.
/// </summary>
/// <param name="Name">What is invalidated.</param>
/// <param name="IsScopeEnd">The end of a scope: only loads that began inside are meant, so that nobody joins them any more.</param>
internal sealed record CacheChange(CacheName Name, bool IsScopeEnd);
