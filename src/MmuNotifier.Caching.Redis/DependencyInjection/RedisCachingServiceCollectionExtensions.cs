using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MmuNotifier.Caching.Redis;

/// <summary>Adds a cache to the services of a program.</summary>
public static class RedisCachingServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="RedisCoherentCache"/> as a singleton, and the same cache as the program's <see cref="HybridCache"/>, in place of
    /// one that was added before: the line to write instead of <c>AddHybridCache()</c> and <c>AddStackExchangeRedisCache()</c>. The host
    /// starts the cache before it serves, and stops it at the end; without a host, call <see cref="RedisCoherentCache.StartAsync"/>.
    /// </summary>
    /// <param name="services">Where to add. A <see cref="TimeProvider"/>, a meter factory and a logger factory in there are used.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The options, for example to bind them to a configuration.</returns>
    public static OptionsBuilder<RedisCoherentCacheOptions> AddRedisCoherentCache(
        this IServiceCollection services, Action<RedisCoherentCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(Make);
        services.Replace(ServiceDescriptor.Singleton<HybridCache>(
            provider => new RedisCoherentHybridCache(provider.GetRequiredService<RedisCoherentCache>())));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CacheStarter>());
        OptionsBuilder<RedisCoherentCacheOptions> options = services.AddOptions<RedisCoherentCacheOptions>();
        if (configure is not null)
            options.Configure(configure);
        return options;
    }

    private static RedisCoherentCache Make(IServiceProvider services)
    {
        RedisCoherentCacheOptions options = services.GetRequiredService<IOptions<RedisCoherentCacheOptions>>().Value;
        CoherentCacheOptions local = options.Local;
        if (ReferenceEquals(local.TimeProvider, TimeProvider.System) && services.GetService<TimeProvider>() is { } time)
            local = local with { TimeProvider = time };
        local = local with { MeterFactory = local.MeterFactory ?? services.GetService<IMeterFactory>() };
        return new RedisCoherentCache(
            options with { Local = local },
            services.GetService<ILoggerFactory>()?.CreateLogger("MmuNotifier.Caching.Redis"),
            services);
    }

    /// <summary>The container disposes the cache.</summary>
    private sealed class CacheStarter(RedisCoherentCache cache) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => cache.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
