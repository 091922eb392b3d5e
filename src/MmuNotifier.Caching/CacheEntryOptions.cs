namespace MmuNotifier.Caching;

/// <summary>How one value is kept; what is null or left out comes from the <see cref="CoherentCacheOptions"/>.</summary>
public sealed record CacheEntryOptions
{
    /// <summary>
    /// How long lookups get the value, from when it was kept. More than 0. Null: <see cref="CoherentCacheOptions.Expiration"/>;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: it does not expire.
    /// </summary>
    public TimeSpan? Expiration { get; init; }

    /// <summary>
    /// From which age on a lookup makes a load begin in the background, while lookups still get the value. More than 0. Null:
    /// <see cref="CoherentCacheOptions.RefreshAfter"/>; <see cref="Timeout.InfiniteTimeSpan"/>: never.
    /// </summary>
    public TimeSpan? RefreshAfter { get; init; }

    /// <summary>
    /// What the value counts for in <see cref="CoherentCacheOptions.SizeLimit"/>, in the unit of that limit. From 0. Default: 1.
    /// </summary>
    public long Size { get; init; } = 1;

    /// <summary>
    /// Whether the call does not look for a kept value, but loads. Callers that load at the same time still share a load.
    /// </summary>
    public bool SkipLookup { get; init; }

    /// <summary>Whether the value is handed over and not kept.</summary>
    public bool SkipKeeping { get; init; }

    /// <summary>Throws if a value is out of its bounds.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Size);
        CoherentCacheOptions.RequireSpan(Expiration, nameof(Expiration));
        CoherentCacheOptions.RequireSpan(RefreshAfter, nameof(RefreshAfter));
    }
}
