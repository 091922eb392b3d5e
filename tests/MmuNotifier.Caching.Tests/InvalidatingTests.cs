namespace MmuNotifier.Caching.Tests;

public sealed class InvalidatingTests : CacheTest
{
    public static TheoryData<string> Ways => ["key", "tag", "prefix", "part of a segment", "all", "scope", "prefixes", "names"];

    [Fact]
    public void The_default_name_is_the_empty_key()
    {
        Assert.Equal(CacheName.Key(""), default);
        Assert.Equal(CacheName.Key("").GetHashCode(), default(CacheName).GetHashCode());
        Assert.NotEqual(CacheName.Tag(""), default);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_is_invalidated_while_it_is_loaded_is_loaded_again(string way)
    {
        HeldLoader<int> loader = Hold();
        Task<int> caller = Cache.GetOrLoadAsync("user:42:name", loader.LoadAsync, null, ["people", "names"]).AsTask();
        await loader.Entered;
        Source = 2;
        Invalidate(way);
        loader.Release();
        Assert.Equal(2, await caller);
        Assert.Equal(2, Kept("user:42:name"));
        Assert.Equal(2, loader.Calls);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_lookup_after_an_invalidation_does_not_join_the_load_from_before(string way)
    {
        HeldLoader<int> loader = Hold();
        Task<int> before = Cache.GetOrLoadAsync("user:42:name", loader.LoadAsync, null, ["people", "names"]).AsTask();
        await loader.Entered;
        Source = 2;
        Invalidate(way);
        Assert.Equal(2, await GetAsync("user:42:name", "people"));
        loader.Release();
        Assert.Equal(2, await before);
        Assert.Equal(1, loader.Calls); // It got what was kept meanwhile.
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_is_kept_is_removed_and_nothing_else(string way)
    {
        await GetAsync("user:42:name", "people", "names");
        await GetAsync("user:43:name");
        await GetAsync("user", "person");
        Invalidate(way);
        Assert.Null(Kept("user:42:name"));
        Assert.Equal(way == "all" ? 0 : 2, Cache.Count);
        Assert.Equal(way == "all" ? 0 : 1, Cache.TagsInUse);
    }

    [Fact]
    public async Task An_invalidation_elsewhere_repeats_nothing()
    {
        HeldLoader<int> loader = Hold();
        Task<int> caller = Cache.GetOrLoadAsync("user:42:name", loader.LoadAsync, null, ["people"]).AsTask();
        await loader.Entered;
        foreach (string other in (string[])["user:42", "user:42:nam", "user:42:name:", "user:4", "user:", "USER:42:name", "people", ""])
        {
            Cache.Remove(other);
            Cache.RemoveByTag(other + "x");
            Cache.RemoveByPrefix("x" + other);
        }

        Cache.RemoveByPrefix("user:42:name:");
        Cache.RemoveByPrefix("user:43");
        Cache.RemoveByPrefix("user:42:names");
        loader.Release();
        await caller;
        Assert.Equal(1, loader.Calls);
        Assert.Equal(1, Kept("user:42:name"));
    }

    [Fact]
    public async Task Remove_set_remove_inside_a_load_keeps_neither()
    {
        HeldLoader<int> loader = Hold();
        Task<int> caller = Cache.GetOrLoadAsync("k", loader.LoadAsync).AsTask();
        await loader.Entered;
        Cache.Remove("k");
        Cache.Set("k", 100);
        Cache.Remove("k");
        Source = 2;
        loader.Release();
        Assert.Equal(2, await caller);
        Assert.Equal(2, Kept("k"));
    }

    [Fact]
    public async Task What_is_set_inside_a_load_stays()
    {
        HeldLoader<int> loader = Hold();
        Task<int> caller = Cache.GetOrLoadAsync("k", loader.LoadAsync).AsTask();
        await loader.Entered;
        Assert.True(Cache.Set("k", 100));
        loader.Release();
        Assert.Equal(100, await caller);
        Assert.Equal(100, Kept("k"));
        Assert.Equal(1, loader.Calls);
    }

    [Fact]
    public async Task A_value_that_is_invalidated_in_every_attempt_is_handed_over_and_not_kept()
    {
        using var cache = new CoherentCache(new CoherentCacheOptions { MaxLoadAttempts = 3 });
        int loads = 0;
        int value = await cache.GetOrLoadAsync("k", _ =>
        {
            loads++;
            cache.Remove("k");
            return ValueTask.FromResult(loads);
        });
        Assert.Equal(3, value);
        Assert.Equal(3, loads);
        Assert.Equal(0, cache.KeysInUse);
    }

    [Fact]
    public async Task A_thousand_tags_can_be_removed_one_by_one()
    {
        string[] tags = [.. Enumerable.Range(0, 1000).Select(each => $"tag{each}")];
        foreach (string tag in tags)
        {
            await GetAsync("k", [.. tags, .. tags]);
            Cache.RemoveByTag(tag);
            Assert.Null(Kept("k"));
            Assert.Equal(0, Cache.TagsInUse);
        }
    }

    [Fact]
    public async Task Many_entries_of_a_tag_and_a_prefix_go_together_and_give_everything_back()
    {
        for (int i = 0; i < 5000; i++)
            await GetAsync($"many:{i}", "many", $"own{i % 100}");
        Cache.RemoveByTag("own5");
        Assert.Equal(4950, Cache.Count);
        Cache.RemoveByPrefix("many:4");
        Assert.Equal(4950 - 1111 + 11, Cache.Count);
        Cache.RemoveByTag("many");
        Assert.Equal((0, 0, 0), (Cache.Count, Cache.KeysInUse, Cache.TagsInUse));
    }

    private void Invalidate(string way)
    {
        switch (way)
        {
            case "key":
                Cache.Remove("user:42:name");
                break;
            case "tag":
                Cache.RemoveByTag("names");
                break;
            case "prefix":
                Cache.RemoveByPrefix("user:42:");
                break;
            case "part of a segment":
                Cache.RemoveByPrefix("user:42:na");
                break;
            case "all":
                Cache.RemoveByPrefix("");
                break;
            case "prefixes":
                Cache.RemoveAll([CacheName.Prefix("user:5"), CacheName.Prefix("user:42:x"), CacheName.Prefix("user:42:n"), default]);
                break;
            case "names":
                Cache.RemoveAll([CacheName.Prefix("no"), CacheName.Key("user:42:name"), CacheName.Tag("nobody")]);
                break;
            default:
                Cache.StartInvalidation(CacheName.Tag("names")).Dispose();
                break;
        }
    }
}
