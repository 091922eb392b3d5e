namespace MmuNotifier.Caching;

/// <summary>What a load does with its value.</summary>
/// <param name="Expiration">Null: it does not expire.</param>
/// <param name="RefreshAfter">Null: never.</param>
/// <param name="Size">In the size limit.</param>
/// <param name="SkipLookup">Whether a kept value does not count.</param>
/// <param name="SkipKeeping">Whether the value is not kept.</param>
internal readonly record struct LoadTerms(TimeSpan? Expiration, TimeSpan? RefreshAfter, long Size, bool SkipLookup, bool SkipKeeping);
