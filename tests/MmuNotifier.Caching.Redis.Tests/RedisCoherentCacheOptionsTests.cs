namespace MmuNotifier.Caching.Redis.Tests;

public sealed class RedisCoherentCacheOptionsTests
{
    public static TheoryData<RedisCoherentCacheOptions> Wrong =>
    [
        new RedisCoherentCacheOptions { KeyPrefix = "" },
        new RedisCoherentCacheOptions { KeyPrefix = "{a}" },
        new RedisCoherentCacheOptions { Mode = (RedisCoherenceMode)2 },
        new RedisCoherentCacheOptions { WhenUnavailable = (RedisUnavailableBehavior)2 },
        new RedisCoherentCacheOptions { LeaseDuration = TimeSpan.FromMilliseconds(199) },
        new RedisCoherentCacheOptions { ClockDriftBound = 0.51 },
        new RedisCoherentCacheOptions { Replicas = -1 },
        new RedisCoherentCacheOptions { InvalidationTimeout = TimeSpan.Zero },
        new RedisCoherentCacheOptions { MaxUncachedLoads = 0 },
        new RedisCoherentCacheOptions { UncachedLoadWait = TimeSpan.FromTicks(-1) },
        new RedisCoherentCacheOptions { SecondLevelExpiration = TimeSpan.Zero },
        new RedisCoherentCacheOptions { SecondLevelTimeout = TimeSpan.Zero },
        new RedisCoherentCacheOptions { LogLength = 15 },
        new RedisCoherentCacheOptions { MaxScopeDuration = TimeSpan.Zero },
        new RedisCoherentCacheOptions { Local = new CoherentCacheOptions { Name = "" } },
    ];

    [Fact]
    public void The_defaults_are_valid() => new RedisCoherentCacheOptions().Validate();

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_out_of_its_bounds_is_refused(RedisCoherentCacheOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => new RedisCoherentCache(options));
}
