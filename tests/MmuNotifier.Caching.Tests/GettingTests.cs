namespace MmuNotifier.Caching.Tests;

public sealed class GettingTests : CacheTest
{
    public static TheoryData<string> Keys =>
        ["", "a", "a:", "a:b", "a:b:", ":", "::", "/", "ключ:ü:𝄞", "\ud800", "\0", new string(':', 500), new string('x', 9_000)];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task What_was_loaded_is_kept_until_it_is_removed(string key)
    {
        Assert.Equal(1, await GetAsync(key));
        Source = 2;
        Assert.Equal(1, await GetAsync(key));
        Cache.Remove(key);
        Assert.Null(Kept(key));
        Assert.Equal(2, await GetAsync(key));
        Assert.Equal(2, Loads);
    }

    [Fact]
    public async Task Null_is_no_key_no_loader_no_tag()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await Cache.GetOrLoadAsync(null!, LoadAsync));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await Cache.GetOrLoadAsync<int>("k", null!));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Cache.GetOrLoadAsync("k", LoadAsync, null, [null!]));
        Assert.Throws<ArgumentNullException>(() => Cache.Remove(null!));
        Assert.Throws<ArgumentNullException>(() => Cache.RemoveByTag(null!));
        Assert.Throws<ArgumentNullException>(() => Cache.RemoveByPrefix(null!));
        Assert.Throws<ArgumentNullException>(() => Cache.TryGet<int>(null!, out _));
        Assert.Throws<ArgumentNullException>(() => Cache.Set(null!, 1));
        Assert.Equal(0, Cache.KeysInUse);
    }

    [Fact]
    public async Task Null_is_a_value()
    {
        Assert.Null(await Cache.GetOrLoadAsync("k", _ => ValueTask.FromResult<string?>(null)));
        Assert.True(Cache.TryGet("k", out string? value));
        Assert.Null(value);
    }

    [Fact]
    public async Task A_value_of_another_type_is_no_hit_and_gives_way()
    {
        await GetAsync("k");
        Assert.False(Cache.TryGet("k", out string? _));
        Assert.Equal("s", await Cache.GetOrLoadAsync("k", _ => ValueTask.FromResult("s")));
        Assert.Null(Kept("k"));
        Assert.Equal(1, Cache.Count);
    }

    [Fact]
    public async Task A_hit_allocates_nothing()
    {
        await Cache.GetOrLoadAsync("k", this, static (test, token) => test.LoadAsync(token), null, ["t"]);
        long before = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (i == 500)
                before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask<int> hit = Cache.GetOrLoadAsync("k", this, static (test, token) => test.LoadAsync(token));
            Assert.True(hit.IsCompletedSuccessfully);
            Cache.TryGet("k", out int _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task A_call_that_skips_the_lookup_loads_and_replaces()
    {
        await GetAsync("k");
        Source = 2;
        Assert.Equal(2, await Cache.GetOrLoadAsync("k", LoadAsync, new CacheEntryOptions { SkipLookup = true }));
        Assert.Equal(2, Kept("k"));
        Assert.Equal(1, Cache.Count);
    }

    [Fact]
    public async Task A_call_that_skips_keeping_keeps_nothing()
    {
        Assert.Equal(1, await Cache.GetOrLoadAsync("k", LoadAsync, new CacheEntryOptions { SkipKeeping = true }, ["t"]));
        Assert.Null(Kept("k"));
        Assert.Equal(0, Cache.KeysInUse);
        Assert.Equal(0, Cache.TagsInUse);
    }
}
