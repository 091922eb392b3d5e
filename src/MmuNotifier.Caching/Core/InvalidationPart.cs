namespace MmuNotifier.Caching;

/// <summary>One name of an open scope.</summary>
/// <param name="Name">What is invalidated.</param>
/// <param name="Range">Its addresses.</param>
/// <param name="Use">The node or segment that keeps them in use.</param>
/// <param name="Scope">The engine's; none before it is started, and where the name ends inside a segment.</param>
/// <param name="IsInSegment">Whether it is one of the <see cref="OpenPrefixes"/>.</param>
internal readonly record struct InvalidationPart(
    CacheName Name, AddressRange Range, object Use, InvalidationScope Scope, bool IsInSegment);
