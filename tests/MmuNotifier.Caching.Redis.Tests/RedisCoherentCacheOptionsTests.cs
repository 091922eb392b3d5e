namespace MmuNotifier.Caching.Redis.Tests;

public sealed class RedisCoherentCacheOptionsTests
{
    private static readonly Action<RedisCoherentCacheOptions>[] s_wrong =
    [
        each => each.Redis = null!,
        each => each.KeyPrefix = "",
        each => each.KeyPrefix = "{a}",
        each => each.Mode = (RedisCoherenceMode)2,
        each => each.WhenUnavailable = (RedisUnavailableBehavior)2,
        each => each.LeaseDuration = TimeSpan.FromMilliseconds(199),
        each => each.ClockDriftBound = 0.51,
        each => each.Replicas = -1,
        each => each.InvalidationTimeout = TimeSpan.Zero,
        each => each.MaxUncachedLoads = 0,
        each => each.UncachedLoadWait = TimeSpan.FromTicks(-1),
        each => each.SecondLevelExpiration = TimeSpan.Zero,
        each => each.SecondLevelTimeout = TimeSpan.Zero,
        each => each.LogLength = 15,
        each => each.MaxScopeDuration = TimeSpan.Zero,
        each => each.Local = new CoherentCacheOptions { Name = "" },
    ];

    [Fact]
    public void What_is_out_of_its_bounds_is_refused()
    {
        foreach (Action<RedisCoherentCacheOptions> change in s_wrong)
        {
            var options = new RedisCoherentCacheOptions();
            options.Validate();
            change(options);
            Assert.ThrowsAny<ArgumentException>(() => new RedisCoherentCache(options));
        }
    }
}
