using Microsoft.Extensions.Caching.Hybrid;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// A <see cref="RedisCoherentCache"/> as Microsoft's <see cref="HybridCache"/>, with Redis as its second level. Values of immutable types
/// are kept as objects, others serialised, so that each caller gets a copy of its own: by the same rules and serializers as Microsoft's.
/// </summary>
/// <remarks>
/// The tag <c>*</c> stands for everything. What is not kept on the node (<c>DisableLocalCacheWrite</c>) is not stored in Redis either, and
/// <c>DisableUnderlyingData</c> looks on the node alone. <c>Expiration</c> holds on all nodes, <c>LocalCacheExpiration</c> on the one
/// that loads or sets the value. Prefixes and scopes are in <see cref="Cache"/>: both see the same entries. Any thread.
/// </remarks>
public sealed class RedisCoherentHybridCache : HybridCache
{
    /// <summary>Makes a view of a cache.</summary>
    /// <param name="cache">Keeps the values. The view does not dispose it.</param>
    public RedisCoherentHybridCache(RedisCoherentCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        Cache = cache;
    }

    /// <summary>The cache: for prefixes, scopes and values of types that are not copied.</summary>
    public RedisCoherentCache Cache { get; }

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
        if (!looksUp)
            Cache.RequireNotDisposed(); // A look requires it too.
        if (ImmutableTypes<T>.Contain)
        {
            if (looksUp && Cache.TryHit(key, null, cancellationToken, out T value))
                return new ValueTask<T>(value);
            return (flags & HybridCacheEntryFlags.DisableUnderlyingData) != 0
                ? new ValueTask<T>(looksUp && Cache.TryGet(key, out T? kept) ? kept! : default!) // A refresh is due, but must not begin.
                : Cache.LoadAsync(
                    key,
                    state,
                    factory,
                    new ObjectCodec<T>(Cache.Serializers),
                    TermsOf(options),
                    HybridEntryOptions.Of(options),
                    tags,
                    cancellationToken);
        }

        if (looksUp && Cache.TryHit(key, null, cancellationToken, out CachePayload<T> payload))
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
        SecondLevelTerms terms = TermsOf(options);
        CacheEntryOptions? kept = HybridEntryOptions.Of(options);
        return ImmutableTypes<T>.Contain
            ? new ValueTask(Cache.SetAsync(
                key, value, new ObjectCodec<T>(Cache.Serializers), terms, kept, tags, cancellationToken))
            : new ValueTask(Cache.SetAsync(
                key, Serialize(value), new PayloadCodec<T>(Cache.Serializers), terms, kept, tags, cancellationToken));
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        new(Cache.RemoveAsync(key, cancellationToken));

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        new(tag == "*" ? Cache.RemoveByPrefixAsync("", cancellationToken) : Cache.RemoveByTagAsync(tag, cancellationToken));

    private async ValueTask<T> LoadPayloadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        CachePayload<T> payload = await Cache.LoadAsync(
            key,
            (This: this, State: state, Factory: factory),
            static async (load, token) => load.This.Serialize(await load.Factory(load.State, token).ConfigureAwait(false)),
            new PayloadCodec<T>(Cache.Serializers),
            TermsOf(options),
            HybridEntryOptions.Of(options),
            tags,
            cancellationToken).ConfigureAwait(false);
        return payload.Read();
    }

    private CachePayload<T> Serialize<T>(T value) => CachePayload<T>.Of(value, Cache.Serializers, Cache.MaxPayloadBytes);

    private static SecondLevelTerms TermsOf(HybridCacheEntryOptions? options)
    {
        HybridCacheEntryFlags flags = options?.Flags ?? HybridCacheEntryFlags.None;
        SecondLevelUse use = SecondLevelUse.Nothing;
        if ((flags & HybridCacheEntryFlags.DisableDistributedCacheRead) == 0)
            use |= SecondLevelUse.Read;
        if ((flags & HybridCacheEntryFlags.DisableLocalCacheRead) != 0)
            use |= SecondLevelUse.ReadKept;
        if ((flags & HybridCacheEntryFlags.DisableDistributedCacheWrite) == 0)
            use |= SecondLevelUse.Write;
        return new SecondLevelTerms(use, options?.Expiration);
    }
}
