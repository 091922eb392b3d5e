namespace MmuNotifier.Caching.Redis;

/// <summary>
/// An open scope of <see cref="RedisCoherentCache.StartInvalidationAsync"/>. Dispose it when the change of the source can be read.
/// </summary>
public sealed class RedisCacheInvalidation : IAsyncDisposable
{
    private readonly RedisCoherentCache _cache;
    private int _isEnded;

    internal RedisCacheInvalidation(RedisCoherentCache cache, string id, CacheName[] names, string epoch, long startedAt)
    {
        _cache = cache;
        Id = id;
        Names = names;
        Epoch = epoch;
        StartedAt = startedAt;
    }

    internal string Id { get; }

    internal CacheName[] Names { get; }

    /// <summary>In which Redis opened it.</summary>
    internal string Epoch { get; }

    /// <summary>Whether an end was tried. One call at a time writes it.</summary>
    internal bool MayHaveEnded { get; set; }

    /// <summary>Before Redis had it.</summary>
    internal long StartedAt { get; }

    /// <summary>
    /// Ends the scope on all nodes; returns when an invalidation would. Harmless when called again after it has returned.
    /// </summary>
    /// <exception cref="InvalidationOutcomeUnknownException">
    /// Redis could not be reached in time: call again, or let the scope run out. Or the scope had run out before: its names are
    /// invalidated.
    /// </exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
            return;
        try
        {
            await _cache.EndAsync(this).ConfigureAwait(false);
        }
        catch
        {
            Volatile.Write(ref _isEnded, 0);
            throw;
        }
    }
}
