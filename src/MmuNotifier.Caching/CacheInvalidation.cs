namespace MmuNotifier.Caching;

/// <summary>
/// An open scope of <see cref="CoherentCache.StartInvalidation"/>. Until it is disposed, nothing is kept under its names. Dispose it when
/// the change of the source can be read by everyone, or was given up.
/// </summary>
public sealed class CacheInvalidation : IDisposable, IAsyncDisposable
{
    private readonly CoherentCache _cache;
    private readonly PrefixSet? _prefixes;
    private InvalidationPart[]? _parts;

    internal CacheInvalidation(CoherentCache cache, InvalidationPart[] parts, PrefixSet? prefixes)
    {
        _cache = cache;
        _parts = parts;
        _prefixes = prefixes;
    }

    /// <summary>Ends the scope. Does not wait. Any thread; harmless when called again.</summary>
    public void Dispose()
    {
        InvalidationPart[]? parts = Interlocked.Exchange(ref _parts, null);
        if (parts is not null)
            _cache.End(parts, _prefixes);
    }

    /// <summary>As <see cref="Dispose"/>, for <c>await using</c>. It is complete when it returns.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
