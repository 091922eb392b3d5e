using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching;

/// <content>Lookups. A hit takes no lock and allocates nothing.</content>
public sealed partial class CoherentCache
{
    /// <summary>Gets a kept value. Does not load.</summary>
    /// <typeparam name="T">The type that the value was kept as.</typeparam>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <param name="value">The value; <c>default</c> if there is none.</param>
    /// <returns>Whether a value of that type is kept that has not expired.</returns>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        RequireNotDisposed();
        CacheEntry<T>? entry = Find<T>(key);
        _metrics.NoteLookup(entry is not null);
        value = entry is null ? default : entry.Value;
        return entry is not null;
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
    /// Gets the kept value, or loads it: once for all callers that ask meanwhile. If the key, one of the tags or a prefix of the key is
    /// invalidated while it is loaded, it is loaded again, up to <see cref="CoherentCacheOptions.MaxLoadAttempts"/> times; after that it is
    /// handed to its callers and not kept. A load that begins while a scope of one of its names is open is handed over and not kept.
    /// </summary>
    /// <typeparam name="TState">The type of what the loader needs.</typeparam>
    /// <typeparam name="T">
    /// The type of the value. Callers get the same object: it must not be changed, or be loaded through HybridCache, which copies it.
    /// </typeparam>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <param name="state">What the loader is called with.</param>
    /// <param name="loader">
    /// Reads the value from its source, as the source is when it is called or later. Its token is cancelled when all callers have given up.
    /// With a token that cannot be cancelled, it is called on the thread of the caller, otherwise on one of the thread pool. The caller
    /// that began the load continues where the loader has ended, as if it had awaited the loader itself; the others continue in the thread
    /// pool. What it throws, all callers get, and nothing is kept.
    /// </param>
    /// <param name="options">How the value is kept; null for the defaults of the cache. Used when the call loads.</param>
    /// <param name="tags">Tags of the value. They belong to the load, so they are those of the call that began it.</param>
    /// <param name="cancellationToken">Gives up the wait of this caller.</param>
    /// <exception cref="InvalidOperationException">
    /// The loader asked for its own key, perhaps through other loads: it would wait for itself. Work that the loader starts and does not
    /// wait for counts as part of it. A loader that suppresses the flow of the execution context before it asks is not recognised: it waits
    /// for itself, until its callers give up.
    /// </exception>
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
        RequireNotDisposed();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        if (options is not { SkipLookup: true } && Find<T>(key) is { } entry)
        {
            _metrics.NoteLookup(isHit: true);
            if (IsRefreshDue(entry))
            {
                LoadTerms terms = TermsOf(options); // Before the claim: what follows does not fail.
                string[] distinctTags = TagsOf(tags);
                if (entry.TryClaimRefresh())
                    Refresh(entry, state, loader, terms, distinctTags);
            }

            return new ValueTask<T>(entry.Value);
        }

        _metrics.NoteLookup(isHit: false);
        return LoadAsync(key, state, loader, TermsOf(options), TagsOf(tags), cancellationToken);
    }

    /// <summary>A hit that leaves nothing to do: no refresh is due.</summary>
    internal bool TryHit<T>(string key, out T value)
    {
        RequireNotDisposed();
        if (Find<T>(key) is { } entry && !IsRefreshDue(entry))
        {
            _metrics.NoteLookup(isHit: true);
            value = entry.Value;
            return true;
        }

        value = default!;
        return false;
    }

    /// <summary>Whether lookups get a value: not one of them.</summary>
    internal bool IsKept<T>(string key) => Find<T>(key) is not null;

    private bool IsRefreshDue(CacheEntry entry) => entry.RefreshAt is var dueAt && dueAt != long.MaxValue && _clock.Now >= dueAt;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CacheEntry<T>? Find<T>(string key) =>
        _keys.TryGetValue(key, out KeyNode? node) && node.Entry is CacheEntry<T> entry && IsServable(entry) ? entry : null;

    /// <summary>Of what is in its key's node: an invalidation takes it away before it returns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsServable(CacheEntry entry)
    {
        if (entry.ExpiresAt != long.MaxValue && _clock.Now >= entry.ExpiresAt)
            return false;
        if (!entry.IsVisited)
            entry.IsVisited = true;
        return true;
    }
}
