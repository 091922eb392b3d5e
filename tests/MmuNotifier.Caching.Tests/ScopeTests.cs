namespace MmuNotifier.Caching.Tests;

public sealed class ScopeTests : CacheTest
{
    public static TheoryData<CacheName> Names =>
        [CacheName.Key("a:b:c"), CacheName.Tag("t"), CacheName.Prefix("a:b:"), CacheName.Prefix("a:b"), CacheName.Prefix("")];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_load_inside_is_handed_over_and_not_kept_and_one_after_it_is_kept(CacheName name)
    {
        await GetAsync("a:b:c", "t");
        await using (Cache.StartInvalidation(name))
        {
            Assert.Null(Kept("a:b:c"));
            Source = 2;
            Assert.Equal(2, await GetAsync("a:b:c", "t"));
            Assert.Null(Kept("a:b:c"));
            Assert.False(Cache.Set("a:b:c", 9, null, ["t"]));
            Assert.Null(Kept("a:b:c"));
        }

        Assert.Equal(2, await GetAsync("a:b:c", "t"));
        Assert.Equal(2, Kept("a:b:c"));
        Assert.Equal(3, Loads);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_load_that_begins_inside_and_ends_after_it_is_not_kept_nor_joined_after_it(CacheName name)
    {
        HeldLoader<int> loader = Hold();
        CacheInvalidation scope = Cache.StartInvalidation(name);
        Task<int> inside = Cache.GetOrLoadAsync("a:b:c", loader.LoadAsync, null, ["t"]).AsTask();
        await loader.Entered;
        Task<int> joined = Cache.GetOrLoadAsync("a:b:c", loader.LoadAsync, null, ["t"]).AsTask();
        Source = 2;
        await scope.DisposeAsync();
        Assert.Equal(2, await GetAsync("a:b:c", "t"));
        loader.Release();
        Assert.Equal(1, await inside);
        Assert.Equal(1, await joined);
        Assert.Equal(1, loader.Calls);
        Assert.Equal(2, Kept("a:b:c"));
    }

    [Fact]
    public async Task A_load_that_begins_before_and_ends_inside_is_repeated_and_not_kept()
    {
        HeldLoader<int> loader = Hold();
        Task<int> caller = Cache.GetOrLoadAsync("k", loader.LoadAsync).AsTask();
        await loader.Entered;
        await using (Cache.StartInvalidation(CacheName.Key("k")))
        {
            Source = 2;
            loader.Release();
            Assert.Equal(2, await caller);
            Assert.Null(Kept("k"));
        }
    }

    [Fact]
    public async Task Prefixes_that_end_inside_one_segment_are_kept_apart_from_its_other_keys()
    {
        HeldLoader<int> before = Hold(), inside = Hold();
        foreach (string key in (string[])["s:a", "s:b", "s:c"])
            await GetAsync(key);
        Task<int> loading = Cache.GetOrLoadAsync("s:a1", before.LoadAsync).AsTask();
        await before.Entered;
        CacheName[] names =
            [CacheName.Prefix("s:a"), CacheName.Prefix("s:b"), CacheName.Prefix("s:a"), CacheName.Prefix("t:x"), CacheName.Key("s:d")];
        CacheInvalidation scope = Cache.StartInvalidation(names);
        CacheInvalidation nested = Cache.StartInvalidation(CacheName.Prefix("s:b"));
        Assert.Equal((null, null, 1), (Kept("s:a"), Kept("s:b"), Kept("s:c")));
        Source = 2;
        before.Release();
        Assert.Equal(2, await loading);
        foreach (string key in (string[])["s:a1", "s:b2", "t:x3", "s:d", "s:c4"])
            Assert.Equal(2, await GetAsync(key));
        Assert.Equal((null, null, null, null, 2), (Kept("s:a1"), Kept("s:b2"), Kept("t:x3"), Kept("s:d"), Kept("s:c4")));
        Task<int> begun = Cache.GetOrLoadAsync("s:a5", inside.LoadAsync).AsTask();
        await inside.Entered;
        await scope.DisposeAsync();
        Source = 3;
        Assert.Equal(3, await GetAsync("s:a5"));
        inside.Release();
        Assert.Equal(2, await begun);
        Assert.Equal(3, Kept("s:a5"));
        await GetAsync("s:b");
        Assert.Null(Kept("s:b"));
        await nested.DisposeAsync();
        await GetAsync("s:b");
        Assert.Equal(3, Kept("s:b"));
    }

    [Fact]
    public async Task Scopes_nest_and_the_last_end_counts()
    {
        CacheInvalidation first = Cache.StartInvalidation(CacheName.Key("k"), CacheName.Tag("t"));
        CacheInvalidation second = Cache.StartInvalidation(CacheName.Prefix("k"));
        first.Dispose();
        first.Dispose();
        await GetAsync("k", "t");
        Assert.Null(Kept("k"));
        second.Dispose();
        await GetAsync("k", "t");
        Assert.Equal(1, Kept("k"));
    }

    [Fact]
    public void A_scope_gives_its_names_back()
    {
        CacheInvalidation scope =
            Cache.StartInvalidation(CacheName.Key("a:b"), CacheName.Key("a:b"), CacheName.Tag("t"), CacheName.Prefix("a:b:"));
        Assert.Equal((1, 1), (Cache.KeysInUse, Cache.TagsInUse));
        Task.Run(scope.Dispose, TestContext.Current.CancellationToken).Wait(Patience.Limit);
        Assert.Equal((0, 0), (Cache.KeysInUse, Cache.TagsInUse));
        Cache.StartInvalidation().Dispose();
    }

    [Fact]
    public async Task A_scope_elsewhere_changes_nothing()
    {
        await using (Cache.StartInvalidation(CacheName.Key("k:"), CacheName.Tag("k"), CacheName.Prefix("k:"), CacheName.Prefix("x")))
        {
            await GetAsync("k", "t");
            Assert.Equal(1, Kept("k"));
        }

        Assert.Equal(1, Kept("k"));
    }

    [Fact]
    public async Task A_scope_of_a_key_with_many_others_around_meets_only_its_own()
    {
        for (int i = 0; i < 1000; i++)
            await GetAsync($"k:{i}");
        await using (Cache.StartInvalidation(CacheName.Key("k:500")))
        {
            Assert.Equal(999, Cache.Count);
            for (int i = 1000; i < 2000; i++)
                await GetAsync($"k:{i}");
            Assert.Equal(1999, Cache.Count);
        }
    }
}
