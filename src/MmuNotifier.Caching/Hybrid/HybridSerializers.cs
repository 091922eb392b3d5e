using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace MmuNotifier.Caching;

/// <summary>
/// Finds serializers as HybridCache does: the program's serializer of the type, then its factories, the last added first, then JSON with
/// the options that the program has added for it.
/// </summary>
internal sealed class HybridSerializers(IServiceProvider? services)
{
    /// <summary>With fields: without them, tuples would lose all that they have.</summary>
    private static JsonSerializerOptions? s_default;

    private readonly ConcurrentDictionary<Type, object> _serializers = new();

    public IHybridCacheSerializer<T> Get<T>() => _serializers.TryGetValue(typeof(T), out object? serializer)
        ? (IHybridCacheSerializer<T>)serializer
        : (IHybridCacheSerializer<T>)_serializers.GetOrAdd(typeof(T), Make<T>());

    private IHybridCacheSerializer<T> Make<T>()
    {
        if (services?.GetService<IHybridCacheSerializer<T>>() is { } own)
            return own;
        foreach (IHybridCacheSerializerFactory factory in services?.GetServices<IHybridCacheSerializerFactory>().Reverse() ?? [])
        {
            if (factory.TryCreateSerializer(out IHybridCacheSerializer<T>? made))
                return made;
        }

        return new ByteArraySerializer() as IHybridCacheSerializer<T> ?? new JsonPayloadSerializer<T>(TypeInfoOf<T>());
    }

    private JsonTypeInfo<T> TypeInfoOf<T>()
    {
        JsonSerializerOptions options = OptionsFor(typeof(IHybridCacheSerializer<T>)) ?? OptionsFor(typeof(IHybridCacheSerializer<>))
            ?? DefaultOptions();
        options.MakeReadOnly();
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }

    private JsonSerializerOptions? OptionsFor(Type key) => (services as IKeyedServiceProvider)?.GetKeyedService<JsonSerializerOptions>(key);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the program has reflection enabled.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where the program has reflection enabled.")]
    private static JsonSerializerOptions DefaultOptions() => JsonSerializer.IsReflectionEnabledByDefault
        ? s_default ??= new JsonSerializerOptions(JsonSerializerOptions.Default) { IncludeFields = true }
        : throw new NotSupportedException(
            "JSON needs metadata here, because reflection is off. Add an IHybridCacheSerializer<T>, or JsonSerializerOptions with a source-"
                + "generated context under the key typeof(IHybridCacheSerializer<>).");
}
