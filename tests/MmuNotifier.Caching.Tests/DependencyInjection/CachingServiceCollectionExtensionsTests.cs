using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MmuNotifier.Caching.Tests.DependencyInjection;

public sealed class CachingServiceCollectionExtensionsTests
{
    [Fact]
    public void One_line_gives_both_views_of_one_cache_in_place_of_another_HybridCache()
    {
        var services = new ServiceCollection();
        services.AddSingleton<HybridCache>(_ => throw new InvalidDataException("the other one"));
        services.AddCoherentCache();
        services.AddCoherentCache();
        using ServiceProvider provider = services.BuildServiceProvider();
        var hybrid = (CoherentHybridCache)provider.GetRequiredService<HybridCache>();
        Assert.Same(provider.GetRequiredService<CoherentCache>(), hybrid.Cache);
        Assert.Single(provider.GetServices<HybridCache>());
    }

    [Fact]
    public void Named_caches_are_keyed_and_apart()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddCoherentCache("a", options => options.SizeLimit = 1).Services
            .AddCoherentCache("b").Services
            .BuildServiceProvider();
        CoherentCache a = provider.GetRequiredKeyedService<CoherentCache>("a");
        Assert.NotSame(a, provider.GetRequiredKeyedService<CoherentCache>("b"));
        Assert.Same(a, ((CoherentHybridCache)provider.GetRequiredKeyedService<HybridCache>("a")).Cache);
        a.Set("1", 1);
        a.Set("2", 2);
        Assert.Equal(1, a.Count);
    }

    [Fact]
    public void Options_are_validated()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddCoherentCache(configure: options => options.MaxLoadAttempts = 0).Services.BuildServiceProvider();
        OptionsValidationException exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<CoherentCache>);
        Assert.Contains(nameof(CoherentCacheOptions.MaxLoadAttempts), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_container_disposes_the_cache_and_its_clock_is_the_cache_s()
    {
        var time = new FakeTimeProvider();
        ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(time).AddCoherentCache().Services.BuildServiceProvider();
        CoherentCache cache = provider.GetRequiredService<CoherentCache>();
        cache.Set("k", 1);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(cache.TryGet("k", out int _));
        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Remove("k"));
    }

    [Fact]
    public async Task Serializers_of_the_program_are_used()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IHybridCacheSerializer<StringBuilder>, BuilderSerializer>().AddCoherentCache().Services.BuildServiceProvider();
        HybridCache cache = provider.GetRequiredService<HybridCache>();
        await cache.SetAsync("k", new StringBuilder("x"));
        StringBuilder value = await cache.GetOrCreateAsync("k", _ => ValueTask.FromResult(new StringBuilder()));
        Assert.Equal("x!", value.ToString());
    }

    private sealed class BuilderSerializer : IHybridCacheSerializer<StringBuilder>
    {
        public StringBuilder Deserialize(ReadOnlySequence<byte> source) => new(Encoding.UTF8.GetString(source) + "!");

        public void Serialize(StringBuilder value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value.ToString(), target);
    }
}
