using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching;

/// <summary>
/// A <see cref="CoherentCache"/> as Microsoft's <see cref="HybridCache"/>, without a second level. Values of immutable types are kept as
/// objects, others serialised, so that each caller gets a copy of its own: by the same rules and serializers as Microsoft's.
/// </summary>
/// <remarks>
/// The tag <c>*</c> stands for everything. Flags about a distributed cache have no effect. Prefixes and scopes are in
/// <see cref="Cache"/>: both see the same entries. Any thread.
/// </remarks>
public sealed class CoherentHybridCache : HybridCache
{
    private readonly HybridSerializers _serializers;

    /// <summary>Makes a view of a cache.</summary>
    /// <param name="cache">Keeps the values. The view does not dispose it.</param>
    /// <param name="services">Where serializers are looked for; null for JSON.</param>
    public CoherentHybridCache(CoherentCache cache, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        Cache = cache;
        _serializers = new HybridSerializers(services);
    }

    /// <summary>The cache: for prefixes, scopes and values of types that are not serialised.</summary>
    public CoherentCache Cache { get; }

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        HybridCacheEntryFlags flags = options?.Flags ?? HybridCacheEntryFlags.None;
        bool looksUp = (flags & HybridCacheEntryFlags.DisableLocalCacheRead) == 0;
        if (ImmutableTypes<T>.Contain)
        {
            if (looksUp && Cache.TryHit(key, out T value))
                return new ValueTask<T>(value);
            return (flags & HybridCacheEntryFlags.DisableUnderlyingData) != 0
                ? new ValueTask<T>(looksUp && Cache.TryGet(key, out T? kept) ? kept! : default!) // A refresh is due, but must not begin.
                : Cache.GetOrLoadAsync(key, state, factory, HybridEntryOptions.Of(options), tags, cancellationToken);
        }

        if (looksUp && Cache.TryHit(key, out CachePayload<T> payload))
            return new ValueTask<T>(payload.Read());
        return (flags & HybridCacheEntryFlags.DisableUnderlyingData) != 0
            ? new ValueTask<T>(looksUp && Cache.TryGet(key, out CachePayload<T>? keptPayload) ? keptPayload!.Read() : default!)
            : LoadPayloadAsync(key, state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask SetAsync<T>(
        string key,
        T value,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (ImmutableTypes<T>.Contain)
            Cache.Set(key, value, HybridEntryOptions.Of(options), tags);
        else
            Cache.Set(key, Serialize(value), HybridEntryOptions.Of(options), tags);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        Cache.Remove(key);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (tag == "*")
            Cache.RemoveByPrefix("");
        else
            Cache.RemoveByTag(tag);
        return ValueTask.CompletedTask;
    }

    private async ValueTask<T> LoadPayloadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        CachePayload<T> payload = await Cache.GetOrLoadAsync(
            key,
            (This: this, State: state, Factory: factory),
            static async (load, token) => load.This.Serialize(await load.Factory(load.State, token).ConfigureAwait(false)),
            HybridEntryOptions.Of(options),
            tags,
            cancellationToken).ConfigureAwait(false);
        return payload.Read();
    }

    private CachePayload<T> Serialize<T>(T value) => CachePayload<T>.Of(value, _serializers, Cache.MaxPayloadBytes);
}
