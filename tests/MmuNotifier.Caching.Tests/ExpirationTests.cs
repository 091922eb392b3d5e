using Microsoft.Extensions.Time.Testing;

namespace MmuNotifier.Caching.Tests;

public sealed class ExpirationTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CoherentCache _cache;
    private int _loads;

    public ExpirationTests()
    {
        _cache = new CoherentCache(new CoherentCacheOptions { TimeProvider = _time });
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task A_value_is_loaded_again_when_its_time_is_over()
    {
        var options = new CacheEntryOptions { Expiration = TimeSpan.FromSeconds(10) };
        Assert.Equal(1, await GetAsync(options));
        _time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.Equal(1, await GetAsync(options));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_cache.TryGet("k", out int _));
        Assert.Equal(2, await GetAsync(options));
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public async Task The_default_is_five_minutes_and_a_value_need_not_expire()
    {
        await GetAsync(null);
        await _cache.GetOrLoadAsync("for ever", LoadAsync, new CacheEntryOptions { Expiration = Timeout.InfiniteTimeSpan });
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(_cache.TryGet("k", out int _));
        _time.Advance(TimeSpan.FromDays(1000));
        Assert.True(_cache.TryGet("for ever", out int _));
    }

    [Fact]
    public async Task Expired_values_that_nobody_looks_up_give_their_memory_back()
    {
        await GetAsync(new CacheEntryOptions { Expiration = TimeSpan.FromSeconds(1) });
        await _cache.GetOrLoadAsync("stays", LoadAsync);
        _time.Advance(TimeSpan.FromMinutes(1));
        Patience.Until(() => _cache.KeysInUse == 1, "the scan has found it");
    }

    [Fact]
    public async Task A_lookup_of_an_old_value_gets_it_and_loads_in_the_background()
    {
        var options = new CacheEntryOptions { RefreshAfter = TimeSpan.FromSeconds(10) };
        await GetAsync(options);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await GetAsync(options));
        Patience.Until(() => _cache.TryGet("k", out int value) && value == 2, "the load in the background is kept");
        Assert.Equal(2, await GetAsync(options));
    }

    [Fact]
    public async Task What_is_removed_while_it_is_refreshed_is_not_kept()
    {
        int source = 1;
        var options = new CacheEntryOptions { RefreshAfter = TimeSpan.FromSeconds(10) };
        await _cache.GetOrLoadAsync("k", _ => ValueTask.FromResult(source), options);
        _time.Advance(TimeSpan.FromSeconds(10));
        var loader = new HeldLoader<int>(() => source);
        Assert.Equal(1, await _cache.GetOrLoadAsync("k", loader.LoadAsync, options));
        await loader.Entered;
        source = 2;
        _cache.Remove("k");
        Assert.False(_cache.TryGet("k", out int _));
        loader.Release();
        Patience.Until(() => _cache.TryGet("k", out int _), "a refresh is repeated as any load");
        Assert.True(_cache.TryGet("k", out int value));
        Assert.Equal(2, value);
    }

    [Fact]
    public async Task A_refresh_that_fails_leaves_the_value_and_is_tried_again()
    {
        var options = new CacheEntryOptions { RefreshAfter = TimeSpan.FromSeconds(10) };
        await GetAsync(options);
        _time.Advance(TimeSpan.FromSeconds(10));
        int failures = 0;
        Assert.Equal(1, await _cache.GetOrLoadAsync("k", FailAsync, options));
        Patience.Until(() => Volatile.Read(ref failures) == 1, "it failed");
        Assert.Equal(1, await _cache.GetOrLoadAsync("k", FailAsync, options));
        Patience.Until(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _cache.GetOrLoadAsync("k", FailAsync, options).AsTask().Result == 1 && Volatile.Read(ref failures) > 1;
            },
            "it is tried again");

        ValueTask<int> FailAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref failures);
            throw new InvalidDataException();
        }
    }

    [Fact]
    public async Task The_longest_time_is_a_time()
    {
        var options = new CacheEntryOptions { Expiration = TimeSpan.MaxValue, RefreshAfter = TimeSpan.MaxValue };
        Assert.Equal(1, await GetAsync(options));
        _time.Advance(TimeSpan.FromDays(100_000));
        Assert.Equal(1, await GetAsync(options));
    }

    [Fact]
    public async Task A_lookup_with_bad_tags_when_a_refresh_is_due_does_not_end_refreshing()
    {
        var options = new CacheEntryOptions { RefreshAfter = TimeSpan.FromSeconds(10) };
        await GetAsync(options);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _cache.GetOrLoadAsync("k", LoadAsync, options, [null!]));
        Assert.Equal(1, await GetAsync(options));
        Patience.Until(() => _cache.TryGet("k", out int value) && value == 2, "the next lookup refreshes");
    }

    private async Task<int> GetAsync(CacheEntryOptions? options) => await _cache.GetOrLoadAsync("k", LoadAsync, options);

    private ValueTask<int> LoadAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Interlocked.Increment(ref _loads));
}
