namespace MmuNotifier.Caching.Tests;

public sealed class DisposingTests : CacheTest
{
    [Fact]
    public async Task Loads_that_run_end_and_nothing_is_kept()
    {
        await GetAsync("kept", "t");
        HeldLoader<int> loader = Hold();
        Task<int> caller = Cache.GetOrLoadAsync("k", loader.LoadAsync, null, ["t"]).AsTask();
        await loader.Entered;
        CacheInvalidation scope = Cache.StartInvalidation(CacheName.Key("k"));
        Cache.Dispose();
        Cache.Dispose();
        loader.Release();
        Assert.Equal(1, await caller);
        scope.Dispose();
        Assert.Equal((0, 0, 0), (Cache.Count, Cache.KeysInUse, Cache.TagsInUse));
    }

    [Fact]
    public async Task Every_call_says_that_it_is_disposed()
    {
        Cache.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => GetAsync("k"));
        Assert.Throws<ObjectDisposedException>(() => Kept("k"));
        Assert.Throws<ObjectDisposedException>(() => Cache.Set("k", 1));
        Assert.Throws<ObjectDisposedException>(() => Cache.Remove("k"));
        Assert.Throws<ObjectDisposedException>(() => Cache.RemoveByTag("k"));
        Assert.Throws<ObjectDisposedException>(() => Cache.RemoveByPrefix("k"));
        Assert.Throws<ObjectDisposedException>(() => Cache.StartInvalidation());
    }
}
