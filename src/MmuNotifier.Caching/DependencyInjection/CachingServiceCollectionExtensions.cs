using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MmuNotifier.Caching;

/// <summary>Adds caches to the services of a program.</summary>
public static class CachingServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="CoherentCache"/> as a singleton, and the same cache as the program's <see cref="HybridCache"/>, in place of one
    /// that was added before: the line to write instead of <c>AddHybridCache()</c>.
    /// </summary>
    /// <param name="services">Where to add. A <see cref="TimeProvider"/>, a meter factory and a logger factory in there are used.</param>
    /// <param name="name">
    /// Null: the cache is a service without a key, and its options are the default ones. Otherwise the key of both services, the name of
    /// the options, and the cache's name in metrics and logs unless the options say otherwise.
    /// </param>
    /// <param name="configure">Sets options; null for the defaults. Runs after what was configured for these options before.</param>
    /// <returns>
    /// The options, for example to bind them to a configuration. They are validated when the host starts, or when the cache is made if
    /// there is no host.
    /// </returns>
    public static OptionsBuilder<CoherentCacheOptions> AddCoherentCache(
        this IServiceCollection services, string? name = null, Action<CoherentCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CoherentCacheOptions>, CoherentCacheOptionsValidator>());
        OptionsBuilder<CoherentCacheOptions> options = services.AddOptions<CoherentCacheOptions>(name);
        if (name is null)
        {
            services.TryAddSingleton(provider => Make(provider, Options.DefaultName));
            services.Replace(ServiceDescriptor.Singleton<HybridCache>(
                provider => new CoherentHybridCache(provider.GetRequiredService<CoherentCache>(), provider)));
        }
        else
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
            options.Configure(each => each.Name = name);
            services.TryAddKeyedSingleton(name, (provider, _) => Make(provider, name));
            services.Replace(ServiceDescriptor.KeyedSingleton<HybridCache>(
                name, (provider, _) => new CoherentHybridCache(provider.GetRequiredKeyedService<CoherentCache>(name), provider)));
        }

        if (configure is not null)
            options.Configure(configure);
        return options.ValidateOnStart();
    }

    private static CoherentCache Make(IServiceProvider services, string optionsName)
    {
        CoherentCacheOptions options = services.GetRequiredService<IOptionsMonitor<CoherentCacheOptions>>().Get(optionsName);
        if (ReferenceEquals(options.TimeProvider, TimeProvider.System) && services.GetService<TimeProvider>() is { } time)
            options = options with { TimeProvider = time };
        options = options with { MeterFactory = options.MeterFactory ?? services.GetService<IMeterFactory>() };
        return new CoherentCache(options, services.GetService<ILoggerFactory>()?.CreateLogger("MmuNotifier.Caching"));
    }
}
