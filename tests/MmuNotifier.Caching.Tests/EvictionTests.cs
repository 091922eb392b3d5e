namespace MmuNotifier.Caching.Tests;

public sealed class EvictionTests
{
    [Fact]
    public async Task The_limit_holds_and_what_was_looked_up_stays()
    {
        using var cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = 100 });
        for (int i = 0; i < 1000; i++)
        {
            await cache.GetOrLoadAsync($"k:{i}", _ => ValueTask.FromResult(i), null, ["t"]);
            Assert.True(cache.TryGet("k:0", out int _));
            Assert.InRange(cache.Count, 1, 100);
        }

        Assert.Equal((100, 100), (cache.Count, cache.KeysInUse));
        cache.RemoveByTag("t");
        Assert.Equal((0, 0L, 0, 0), (cache.Count, cache.Size, cache.KeysInUse, cache.TagsInUse));
    }

    [Fact]
    public async Task Sizes_count_and_what_is_too_large_is_handed_over()
    {
        using var cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = 100 });
        for (int i = 0; i < 10; i++)
            cache.Set($"k:{i}", i, new CacheEntryOptions { Size = 30 });
        Assert.Equal((3, 90L), (cache.Count, cache.Size));
        Assert.Equal(5, await cache.GetOrLoadAsync("large", _ => ValueTask.FromResult(5), new CacheEntryOptions { Size = 101 }));
        Assert.False(cache.TryGet("large", out int _));
        Assert.Equal((3, 3), (cache.Count, cache.KeysInUse));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("k", 1, new CacheEntryOptions { Size = -1 }));
    }

    [Fact]
    public async Task A_cache_of_size_0_keeps_nothing()
    {
        using var cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = 0 });
        Assert.Equal(5, await cache.GetOrLoadAsync("k", _ => ValueTask.FromResult(5), null, ["t"]));
        Assert.False(cache.Set("k", 1, new CacheEntryOptions { Size = 0 }));
        Assert.Equal((0, 0, 0), (cache.Count, cache.KeysInUse, cache.TagsInUse));
    }

    [Fact]
    public void Sizes_whose_sum_is_beyond_a_long_are_evicted()
    {
        using var cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = long.MaxValue });
        for (int i = 0; i < 4; i++)
            cache.Set($"k:{i}", i, new CacheEntryOptions { Size = long.MaxValue });
        Assert.Equal((1, long.MaxValue), (cache.Count, cache.Size));
        Assert.True(cache.TryGet("k:3", out int _));
    }

    [Fact]
    public void An_eviction_passes_a_bounded_number_of_entries_that_were_visited()
    {
        const int count = 1000;
        using var cache = new CoherentCache(new CoherentCacheOptions { SizeLimit = count });
        for (int i = 0; i < count; i++)
            cache.Set($"k:{i}", i);
        for (int i = 0; i < count; i++)
            Assert.True(cache.TryGet($"k:{i}", out int _));
        cache.Set("one more", 0);
        Assert.True(cache.TryGet("k:0", out int _), "It was visited.");
        Assert.False(cache.TryGet("k:64", out int _), "It was as well, and 64 were passed.");
    }
}
