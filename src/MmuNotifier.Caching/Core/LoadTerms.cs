namespace MmuNotifier.Caching;

/// <summary>What a load does with its value.</summary>
/// <param name="Expiration">Null or infinite: it does not expire.</param>
/// <param name="RefreshAfter">Null: never.</param>
/// <param name="Size">In the size limit.</param>
/// <param name="SkipLookup">Whether a kept value does not count.</param>
/// <param name="SkipKeeping">Whether the value is not kept.</param>
internal readonly record struct LoadTerms(TimeSpan? Expiration, TimeSpan? RefreshAfter, long Size, bool SkipLookup, bool SkipKeeping)
{
    public LoadTerms NoLongerThan(TimeSpan longest) =>
        Expiration is { } expiration && expiration != Timeout.InfiniteTimeSpan && expiration <= longest
            ? this
            : this with { Expiration = longest };
}
