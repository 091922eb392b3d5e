using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MmuNotifier.Linux;

namespace MmuNotifier.Registration.DependencyInjection;

/// <summary>Adds registration caches to the services of a program.</summary>
public static class RegistrationServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="RegistrationCache{TRegistration}"/> as a singleton, and what it needs unless it is there already: the provider, as
    /// a singleton of the same name, and an <see cref="IMemoryWatch"/> that all caches share, a <see cref="LinuxMemoryWatch"/>. The
    /// container disposes of the caches before the watch. Meters are made by the <see cref="IMeterFactory"/> of the services, if there is
    /// one.
    /// </summary>
    /// <typeparam name="TRegistration">What a registration is to its users.</typeparam>
    /// <typeparam name="TProvider">Makes and releases registrations.</typeparam>
    /// <param name="services">Where to add.</param>
    /// <param name="name">
    /// Null: the cache is a service without a key, and its options are the default ones. Otherwise the key of the cache and of its
    /// provider, the name of its options, and the cache's name in metrics and messages unless the options say otherwise.
    /// </param>
    /// <param name="configure">Sets options; null for the defaults. Runs after what was configured for these options before.</param>
    /// <returns>
    /// The options, for example to bind them to a configuration. They are validated when the host starts, or when the cache is made if
    /// there is no host.
    /// </returns>
    public static OptionsBuilder<RegistrationCacheOptions> AddRegistrationCache<
        TRegistration, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProvider>(
        this IServiceCollection services, string? name = null, Action<RegistrationCacheOptions>? configure = null)
        where TProvider : class, IRegistrationProvider<TRegistration>
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<IMemoryWatch>(provider =>
        {
            var meters = provider.GetService<IMeterFactory>();
            return new LinuxMemoryWatch(new AddressSpace("process", meters), new LinuxMemoryWatchOptions { MeterFactory = meters });
        });
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<RegistrationCacheOptions>, RegistrationCacheOptionsValidator>());
        OptionsBuilder<RegistrationCacheOptions> options = services.AddOptions<RegistrationCacheOptions>(name);
        if (name is null)
        {
            services.TryAddSingleton<TProvider>();
            services.TryAddSingleton(
                provider => Make<TRegistration>(provider, Options.DefaultName, provider.GetRequiredService<TProvider>()));
        }
        else
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
            options.Configure(each => each.Name = name);
            services.TryAddKeyedSingleton<TProvider>(name);
            services.TryAddKeyedSingleton(
                name, (provider, _) => Make<TRegistration>(provider, name, provider.GetRequiredKeyedService<TProvider>(name)));
        }

        if (configure is not null)
            options.Configure(configure);
        return options.ValidateOnStart();
    }

    private static RegistrationCache<TRegistration> Make<TRegistration>(
        IServiceProvider services, string optionsName, IRegistrationProvider<TRegistration> provider) => new(
        services.GetRequiredService<IMemoryWatch>(),
        provider,
        WithMeters(services.GetRequiredService<IOptionsMonitor<RegistrationCacheOptions>>().Get(optionsName), services),
        services.GetService<ILoggerFactory>()?.CreateLogger("MmuNotifier.Registration"));

    private static RegistrationCacheOptions WithMeters(RegistrationCacheOptions options, IServiceProvider services) =>
        options with { MeterFactory = options.MeterFactory ?? services.GetService<IMeterFactory>() };
}
