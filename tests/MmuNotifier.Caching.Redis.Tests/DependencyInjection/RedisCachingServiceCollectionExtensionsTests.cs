using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MmuNotifier.Caching.Redis.Tests.DependencyInjection;

public sealed class RedisCachingServiceCollectionExtensionsTests : RedisCacheTest
{
    [Fact]
    public async Task A_host_starts_the_cache_and_gives_it_up()
    {
        RedisServerProcess server = StartServer();
        RedisCoherentCache other = await StartNodeAsync(server, isStrict: true);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRedisCoherentCache(options =>
        {
            options.Redis = OptionsOf(server.Port);
            options.LeaseDuration = TimeSpan.FromSeconds(2);
            options.Mode = RedisCoherenceMode.Strict;
        });
        using (IHost host = builder.Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            var cache = (RedisCoherentHybridCache)host.Services.GetRequiredService<HybridCache>();
            Assert.Same(host.Services.GetRequiredService<RedisCoherentCache>(), cache.Cache);
            Assert.True(cache.Cache.HasLease);
            await host.StopAsync(TestContext.Current.CancellationToken);
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        Assert.True(other.HasLease);
        Assert.Equal("1", server.Run("eval", InvalidatingTests.HolderCount, "1", "{mmunotifier}:state"));
    }
}
