namespace MmuNotifier.Caching;

/// <summary>What a <see cref="CacheName"/> names.</summary>
internal enum CacheNameKind
{
    Key,
    Tag,
    Prefix,
}
