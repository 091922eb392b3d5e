using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching;

/// <summary>What HybridCache's options of a call mean for what a node keeps.</summary>
internal static class HybridEntryOptions
{
    public static CacheEntryOptions? Of(HybridCacheEntryOptions? options) => options is null
        ? null
        : new CacheEntryOptions
        {
            Expiration = Shorter(options.Expiration, options.LocalCacheExpiration),
            SkipLookup = ((options.Flags ?? 0) & HybridCacheEntryFlags.DisableLocalCacheRead) != 0,
            SkipKeeping = ((options.Flags ?? 0) & HybridCacheEntryFlags.DisableLocalCacheWrite) != 0,
        };

    private static TimeSpan? Shorter(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
