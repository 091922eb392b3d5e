using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching.Redis.Tests;

/// <summary>The cache as Microsoft's HybridCache.</summary>
public sealed class RedisCoherentHybridCacheTests : RedisCacheTest
{
    private const string ValueKey = "mmunotifier:value:key";

    [Fact]
    public async Task Each_caller_gets_a_copy_on_each_node()
    {
        RedisServerProcess server = StartServer();
        var a = new RedisCoherentHybridCache(await StartNodeAsync(server));
        var b = new RedisCoherentHybridCache(await StartNodeAsync(server));
        List<int> first = await a.GetOrCreateAsync("key", _ => ValueTask.FromResult<List<int>>([1, 2]));
        first.Clear();
        Assert.Equal([1, 2], await a.GetOrCreateAsync("key", _ => ValueTask.FromResult<List<int>>([])));
        Patience.Until(() => server.Run("exists", ValueKey) == "1", "Redis has it");
        List<int> second = await b.GetOrCreateAsync("key", _ => ValueTask.FromResult<List<int>>([]));
        Assert.Equal([1, 2], second);
        second.Clear();
        Assert.Equal([1, 2], await b.GetOrCreateAsync("key", _ => ValueTask.FromResult<List<int>>([])));
    }

    [Fact]
    public async Task What_is_kept_is_read_without_the_underlying_data_also_when_a_refresh_is_due()
    {
        RedisCoherentCacheOptions options = Options(OptionsOf(StartServer().Port)) with
        {
            Local = new CoherentCacheOptions { RefreshAfter = TimeSpan.FromMilliseconds(1) },
        };
        var cache = new RedisCoherentHybridCache(await StartNodeAsync(options));
        var kept = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        await cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("loaded"));
        await cache.GetOrCreateAsync("copied", _ => ValueTask.FromResult<List<int>>([1]));
        long start = Environment.TickCount64;
        Patience.Until(() => Environment.TickCount64 > start + 100, "the refresh is due");
        await UntilAsync(
            async () => await cache.GetOrCreateAsync("key", _ => ValueTask.FromResult("again"), kept) == "loaded"
                && await cache.GetOrCreateAsync("copied", _ => ValueTask.FromResult<List<int>>([]), kept) is [1],
            "the node has a lease, and what it keeps");
    }

    [Fact]
    public async Task Removals_and_sets_reach_the_other_node()
    {
        RedisServerProcess server = StartServer();
        var a = new RedisCoherentHybridCache(await StartNodeAsync(server, isStrict: true));
        var b = new RedisCoherentHybridCache(await StartNodeAsync(server, isStrict: true));
        Func<Task>[] removals =
        [
            async () => await a.RemoveAsync("key"),
            async () => await a.RemoveByTagAsync("tag"),
            async () => await a.RemoveByTagAsync("*"),
            async () => await a.SetAsync("key", "set"),
        ];
        foreach (Func<Task> remove in removals)
        {
            Assert.Equal("old", await b.GetOrCreateAsync("key", _ => ValueTask.FromResult("old"), tags: ["tag"]));
            await remove();
            Assert.False(b.Cache.TryGet("key", out string? _));
            await a.RemoveAsync("key");
        }
    }

    [Fact]
    public async Task A_call_that_does_not_look_on_the_node_reads_from_Redis_and_throws_when_the_cache_is_disposed()
    {
        RedisServerProcess server = StartServer();
        var a = new RedisCoherentHybridCache(await StartNodeAsync(server));
        var b = new RedisCoherentHybridCache(await StartNodeAsync(server));
        var elsewhere = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCacheRead };
        var nowhere = new HybridCacheEntryOptions
        {
            Flags = HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableUnderlyingData,
        };
        await a.GetOrCreateAsync("key", _ => ValueTask.FromResult("stored"));
        Patience.Until(() => server.Run("exists", ValueKey) == "1", "Redis has it");
        for (int i = 0; i < 2; i++) // The second time, b keeps it.
            Assert.Equal("stored", await b.GetOrCreateAsync("key", _ => ValueTask.FromResult("loaded"), elsewhere));
        await b.Cache.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await b.GetOrCreateAsync("key", _ => ValueTask.FromResult("loaded"), elsewhere));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await b.GetOrCreateAsync("key", _ => ValueTask.FromResult("loaded"), nowhere));
    }

    [Fact]
    public async Task Flags_keep_a_value_out_of_Redis()
    {
        RedisServerProcess server = StartServer();
        var a = new RedisCoherentHybridCache(await StartNodeAsync(server));
        var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite };
        Assert.Equal("text", await a.GetOrCreateAsync("key", _ => ValueTask.FromResult("text"), options));
        Assert.Equal("0", server.Run("exists", ValueKey));
        var nothing = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        Assert.Null(await a.GetOrCreateAsync("other", _ => ValueTask.FromResult("text"), nothing));
    }
}
