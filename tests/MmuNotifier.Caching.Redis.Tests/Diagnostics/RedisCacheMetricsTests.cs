namespace MmuNotifier.Caching.Redis.Tests.Diagnostics;

public sealed class RedisCacheMetricsTests : RedisCacheTest
{
    [Fact]
    public void Every_instrument_has_the_name_of_the_cache_and_attributes_of_this_project()
    {
        using var meters = new TestMeters();
        meters.Listen();
        using var metrics = new RedisCacheMetrics("orders", meters);
        metrics.NoteDelay(TimeSpan.FromMilliseconds(2));
        metrics.NoteInvalidation(TimeSpan.FromSeconds(1));
        metrics.NoteSecondLevel("hit");
        metrics.NoteForgotten(ForgetReason.ClockJump);
        metrics.NoteFailure();
        metrics.NoteUncached();
        Assert.Equal([0.002], meters.Of("mmunotifier.cache.redis.delay orders"));
        Assert.Equal([1], meters.Of("mmunotifier.cache.redis.invalidation.duration orders"));
        Assert.Equal([1], meters.Of("mmunotifier.cache.redis.second_level orders hit"));
        Assert.Equal([1], meters.Of("mmunotifier.cache.redis.forgotten orders clock_jump"));
        Assert.Equal([1], meters.Of("mmunotifier.cache.redis.failures orders"));
        Assert.Equal([1], meters.Of("mmunotifier.cache.redis.uncached orders"));
        Assert.All(meters.Instruments, instrument => Assert.Equal(RedisCacheMetrics.MeterName, instrument.Meter.Name));
        Assert.All(meters.Attributes, attribute => Assert.StartsWith("mmunotifier.cache.", attribute.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_measures_what_it_does_by_the_meter_factory_of_its_options()
    {
        RedisServerProcess server = StartServer();
        using var meters = new TestMeters();
        meters.Listen();
        RedisCoherentCacheOptions options = Options(OptionsOf(server.Port), isStrict: true);
        RedisCoherentCache node = await StartNodeAsync(options with { Local = options.Local with { MeterFactory = meters } });
        await GetAsync(node, "user:1");
        await node.RemoveAsync("user:1");
        Assert.Equal([1], meters.Of("mmunotifier.cache.redis.second_level mmunotifier miss"));
        Assert.Single(meters.Of("mmunotifier.cache.redis.invalidation.duration mmunotifier"));
        Assert.Equal([1], meters.Of("mmunotifier.cache.loads default kept"));
    }
}
