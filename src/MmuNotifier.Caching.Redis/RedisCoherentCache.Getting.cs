using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier.Caching.Redis;

/// <content>Lookups. A hit costs a look at the clock more than on one node, takes no lock and allocates nothing.</content>
public sealed partial class RedisCoherentCache
{
    /// <summary>Gets a value that this node keeps. Does not load, and does not ask Redis.</summary>
    /// <typeparam name="T">The type that the value was kept as.</typeparam>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <param name="value">The value; <c>default</c> if there is none.</param>
    /// <returns>False also if this node has no lease, and inside a scope of the key.</returns>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        RequireNotDisposed();
        if (_lease.IsHeld)
            return _local.TryGet(key, out value);
        value = default;
        return false;
    }

    /// <summary>As <see cref="GetOrLoadAsync{TState, T}"/>, for a loader that needs nothing from outside.</summary>
    /// <inheritdoc cref="GetOrLoadAsync{TState, T}"/>
    public ValueTask<T> GetOrLoadAsync<T>(
        string key,
        Func<CancellationToken, ValueTask<T>> loader,
        CacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loader);
        return GetOrLoadAsync(key, loader, static (load, token) => load(token), options, tags, cancellationToken);
    }

    /// <summary>
    /// Gets the value that this node keeps, or the one in Redis, or loads it: once for all callers of this node that ask meanwhile. If the
    /// key, one of the tags or a prefix of the key is invalidated on any node while it is loaded, it is loaded again, up to
    /// <see cref="CoherentCacheOptions.MaxLoadAttempts"/> times; after that it is handed to its callers, and neither this node nor Redis
    /// keeps it.
    /// </summary>
    /// <typeparam name="TState">The type of what the loader needs.</typeparam>
    /// <typeparam name="T">
    /// The type of the value. Callers of this node get the same object: it must not be changed. Redis has it serialised.
    /// </typeparam>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <param name="state">What the loader is called with.</param>
    /// <param name="loader">
    /// Reads the value from its source, as the source is when it is called or later. What it throws, all callers get, and nothing is kept.
    /// </param>
    /// <param name="options">How the value is kept; null for the defaults of the cache. Used when the call loads.</param>
    /// <param name="tags">
    /// Tags of the value. They belong to the load, so they are those of the call that began it. A value in Redis that has other tags as
    /// well is not used.
    /// </param>
    /// <param name="cancellationToken">Gives up the wait of this caller.</param>
    /// <exception cref="RedisCacheUnavailableException">
    /// This node has no lease, and the options say that it throws then, or too many others load as well.
    /// </exception>
    /// <exception cref="InvalidOperationException">The loader asked for its own key, perhaps through other loads.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<T> GetOrLoadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> loader,
        CacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(loader);
        return TryHit(key, options, cancellationToken, out T value)
            ? new ValueTask<T>(value)
            : LoadAsync(
                key,
                state,
                loader,
                new ObjectCodec<T>(_serializers),
                SecondLevelTerms.Of(options),
                options,
                tags,
                cancellationToken);
    }

    /// <summary>A hit that leaves nothing to do. The lease is looked at first: see <see cref="NodeLease.IsHeld"/>.</summary>
    internal bool TryHit<T>(string key, CacheEntryOptions? options, CancellationToken cancellationToken, out T value)
    {
        RequireNotDisposed();
        if (_lease.IsHeld && options is not { SkipLookup: true } && !cancellationToken.IsCancellationRequested
            && _local.TryHit(key, out value))
            return true;
        value = default!;
        return false;
    }

    internal ValueTask<T> LoadAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> loader,
        ValueCodec<T> codec,
        SecondLevelTerms terms,
        CacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        RequireNotDisposed();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        string[] tagArray = tags as string[] ?? tags?.ToArray() ?? [];
        if (!_lease.IsHeld)
        {
            return _options.WhenUnavailable == RedisUnavailableBehavior.Throw
                ? ValueTask.FromException<T>(new RedisCacheUnavailableException("This node has no lease.", _node.Failure))
                : LoadUncachedAsync(key, state, loader, cancellationToken);
        }

        if (!_scopes.IsEmpty && _scopes.Cover(key, tagArray))
            return LoadUncachedAsync(key, state, loader, cancellationToken);
        var load = new LevelledLoad<TState, T>(this, key, tagArray, state, loader, codec, terms);
        return _local.GetOrLoadAsync(
            key, load, static (each, token) => each.RunAsync(token), options, tagArray, cancellationToken);
    }

    /// <summary>
    /// For this caller alone: a load that somebody else began may be one from before an invalidation that this node does not know of, or
    /// from before the change inside a scope. One that another such load waits for does not wait for a permit: the one
    /// outside may have the last.
    /// </summary>
    private async ValueTask<T> LoadUncachedAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> loader, CancellationToken cancellationToken)
    {
        _metrics.NoteUncached();
        using var load = UncachedLoad.Begin(this, key);
        TimeSpan wait = load.IsInside ? TimeSpan.Zero : _options.UncachedLoadWait;
        bool hasPermit = await _uncachedLoads.WaitAsync(wait, cancellationToken).ConfigureAwait(false);
        if (!hasPermit && !load.IsInside)
        {
            throw new RedisCacheUnavailableException(
                $"{_options.MaxUncachedLoads} lookups load already, and none has ended within {_options.UncachedLoadWait}.");
        }

        try
        {
            return await loader(state, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (hasPermit)
                _uncachedLoads.Release();
        }
    }
}
