using System.ComponentModel;
using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching.Tests;

public sealed class CoherentHybridCacheTests : IDisposable
{
    private readonly CoherentCache _inner = new(new CoherentCacheOptions { MaxPayloadBytes = 1000 });
    private readonly CoherentHybridCache _cache;

    public CoherentHybridCacheTests()
    {
        _cache = new CoherentHybridCache(_inner);
    }

    public void Dispose() => _inner.Dispose();

    [Fact]
    public async Task Values_of_immutable_types_are_kept_as_objects()
    {
        Assert.Same(await GetAsync("s", () => new string('x', 3)), await GetAsync("s", () => "y"));
        Assert.Same(await GetAsync("i", () => new Immutable()), await GetAsync("i", () => new Immutable()));
        Assert.Equal(5, await GetAsync("n", () => (int?)5));
        Assert.Equal(5, await GetAsync("n", () => (int?)6));
    }

    [Fact]
    public async Task Other_values_are_copies_of_each_callers_own()
    {
        Mutable first = await GetAsync("m", () => new Mutable { Names = ["a"] });
        first.Names.Add("b");
        Mutable second = await GetAsync("m", () => new Mutable());
        Assert.Equal(["a"], second.Names);
        Assert.NotSame(first, second);
        byte[] bytes = [1, 2, 3];
        (await GetAsync("b", () => bytes))[0] = 9;
        Assert.Equal([1, 2, 3], await GetAsync("b", () => bytes));
        Assert.Null(await GetAsync("null", () => (Mutable?)null));
        Assert.Null(await GetAsync("null", () => new Mutable()));
    }

    [Fact]
    public async Task A_hit_of_an_immutable_value_allocates_nothing()
    {
        var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1) };
        string[] tags = ["t"];
        long before = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (i == 500)
                before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask<string> hit = _cache.GetOrCreateAsync("k", 0, static (_, _) => ValueTask.FromResult("v"), options, tags);
            Assert.True(hit.IsCompletedSuccessfully);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Removal_inside_a_load_repeats_it()
    {
        int source = 1;
        var loader = new HeldLoader<Mutable>(() => new Mutable { Names = [$"{source}"] });
        Task<Mutable> caller = _cache.GetOrCreateAsync("k", loader.LoadAsync, null, ["t"]).AsTask();
        await loader.Entered;
        source = 2;
        await _cache.RemoveByTagAsync("t");
        loader.Release();
        Assert.Equal(["2"], (await caller).Names);
    }

    [Fact]
    public async Task Set_remove_and_the_tag_for_everything()
    {
        await _cache.SetAsync("a", "1", null, ["t"]);
        await _cache.SetAsync("b", new Mutable { Names = ["1"] });
        Assert.Equal("1", await GetAsync("a", () => "2"));
        Assert.Equal(["1"], (await GetAsync("b", () => new Mutable())).Names);
        await _cache.RemoveAsync("a");
        Assert.Equal(1, _inner.Count);
        await _cache.RemoveByTagAsync("*");
        Assert.Equal((0, 0, 0), (_inner.Count, _inner.KeysInUse, _inner.TagsInUse));
    }

    [Fact]
    public async Task Flags_decide_what_is_read_kept_and_loaded()
    {
        int loads = 0;
        Assert.Equal(0, await LoadAsync(HybridCacheEntryFlags.DisableUnderlyingData));
        Assert.Null(await _cache.GetOrCreateAsync(
            "m", _ => ValueTask.FromResult(new Mutable()), new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData }));
        Assert.Equal(1, await LoadAsync(HybridCacheEntryFlags.DisableLocalCacheWrite));
        Assert.Equal(2, await LoadAsync(HybridCacheEntryFlags.None));
        Assert.Equal(2, await LoadAsync(HybridCacheEntryFlags.DisableDistributedCache | HybridCacheEntryFlags.DisableCompression));
        Assert.Equal(3, await LoadAsync(HybridCacheEntryFlags.DisableLocalCacheRead));
        Assert.Equal(3, await LoadAsync(HybridCacheEntryFlags.None));

        ValueTask<int> LoadAsync(HybridCacheEntryFlags flags) =>
            _cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(++loads), new HybridCacheEntryOptions { Flags = flags });
    }

    [Fact]
    public async Task What_is_kept_is_read_without_the_underlying_data_also_when_a_refresh_is_due()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var inner = new CoherentCache(new() { TimeProvider = time, RefreshAfter = TimeSpan.FromSeconds(1) });
        var cache = new CoherentHybridCache(inner);
        var kept = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult("loaded"));
        await cache.GetOrCreateAsync("m", _ => ValueTask.FromResult(new Mutable()));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("loaded", await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult("again"), kept));
        Assert.NotNull(await cache.GetOrCreateAsync("m", _ => ValueTask.FromResult(new Mutable()), kept));
    }

    [Fact]
    public async Task The_shorter_expiration_counts()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var inner = new CoherentCache(new CoherentCacheOptions { TimeProvider = time });
        var cache = new CoherentHybridCache(inner);
        var options = new HybridCacheEntryOptions { Expiration = TimeSpan.FromHours(1), LocalCacheExpiration = TimeSpan.FromMinutes(1) };
        await cache.SetAsync("k", 1, options);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(inner.TryGet("k", out int _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(inner.TryGet("k", out int _));
    }

    [Fact]
    public async Task A_payload_that_is_too_large_is_handed_over_and_not_kept()
    {
        Mutable value = await GetAsync("k", () => new Mutable { Names = [new string('x', 1000)] });
        Assert.Equal(1000, value.Names[0].Length);
        Assert.Equal(0, _inner.KeysInUse);
    }

    [Fact]
    public async Task Interpolated_keys_and_tokens_work()
    {
        int id = 5;
        Assert.Equal("v", await _cache.GetOrCreateAsync($"user:{id}", _ => ValueTask.FromResult("v")));
        Assert.True(_inner.TryGet("user:5", out string? _));
        var cancelled = new CancellationToken(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _cache.GetOrCreateAsync(
            "k", _ => ValueTask.FromResult(1), cancellationToken: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _cache.SetAsync("k", 1, cancellationToken: cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _cache.RemoveAsync("k", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _cache.RemoveByTagAsync("k", cancelled));
    }

    private ValueTask<T> GetAsync<T>(string key, Func<T> make) => _cache.GetOrCreateAsync(key, _ => ValueTask.FromResult(make()));

    [ImmutableObject(true)]
    private sealed class Immutable;

    private sealed class Mutable
    {
        public List<string> Names { get; set; } = [];
    }
}
