namespace MmuNotifier.Caching;

/// <summary>One name of an open scope, or all of its prefixes that end inside one segment.</summary>
/// <param name="Name">What is invalidated, unless there are <paramref name="Prefixes"/>.</param>
/// <param name="Prefixes">The scope's prefixes that end inside segments, which are in <see cref="OpenPrefixes"/>; null for a name.</param>
/// <param name="Range">The addresses of the name, or of the segment.</param>
/// <param name="Use">The node or segment that keeps them in use.</param>
/// <param name="Scope">The engine's; none before it is started, and where there are <paramref name="Prefixes"/>.</param>
internal readonly record struct InvalidationPart(
    CacheName Name, PrefixSet? Prefixes, AddressRange Range, object Use, InvalidationScope Scope)
{
    public CacheChange Change(bool isScopeEnd) => new(Name, Prefixes, isScopeEnd);
}
