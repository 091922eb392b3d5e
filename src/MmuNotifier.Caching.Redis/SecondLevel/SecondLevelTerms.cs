namespace MmuNotifier.Caching.Redis;

/// <summary>What a call does with a value in Redis.</summary>
/// <param name="Use">Whether it reads and stores.</param>
/// <param name="Expiration">
/// How long any node gets what it stores, if that is less than <see cref="RedisCoherentCacheOptions.SecondLevelExpiration"/>; null or
/// infinite for that.
/// </param>
internal readonly record struct SecondLevelTerms(SecondLevelUse Use, TimeSpan? Expiration)
{
    public static SecondLevelTerms Of(CacheEntryOptions? options) =>
        new(options is { SkipLookup: true } ? SecondLevelUse.Write : SecondLevelUse.Both, options?.Expiration);

    public TimeSpan ExpirationWithin(TimeSpan longest) =>
        Expiration is { } expiration && expiration > TimeSpan.Zero && expiration < longest ? expiration : longest;
}
