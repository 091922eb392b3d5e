namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>docs/caching-redis.md says what samples/CachingRedis prints.</summary>
public sealed class RedisSampleTests
{
    [Fact]
    public void The_sample_prints_what_is_said()
    {
        Assert.SkipUnless(RedisServerProcess.IsInstalled, "redis-server is not installed");
        Assert.Equal(
            Documentation.BlocksOf(Documentation.Read("docs/caching-redis.md"), "text")[0].Trim(),
            Documentation.RunWith("CachingRedis", ["compare"]));
    }
}
