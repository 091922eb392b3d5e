namespace MmuNotifier.Caching.Redis;

/// <summary>
/// A load for one caller, and those whose loaders asked for it. As with loads that are shared, code that suppresses the flow of the
/// execution context is not seen.
/// </summary>
internal sealed class UncachedLoad : IDisposable
{
    private static readonly AsyncLocal<UncachedLoad?> s_current = new();

    private readonly RedisCoherentCache _cache;
    private readonly string _key;
    private readonly UncachedLoad? _outer;
    private volatile bool _isOver;

    private UncachedLoad(RedisCoherentCache cache, string key, UncachedLoad? outer)
    {
        _cache = cache;
        _key = key;
        _outer = outer;
    }

    /// <summary>Whether another one of this cache waits for it.</summary>
    public bool IsInside { get; private init; }

    /// <summary>Until the calling async method returns, the loads that it asks for are inside.</summary>
    /// <exception cref="InvalidOperationException">One outside has the same key: it would ask for itself without end.</exception>
    public static UncachedLoad Begin(RedisCoherentCache cache, string key)
    {
        bool isInside = false;
        for (UncachedLoad? outer = s_current.Value; outer is not null; outer = outer._outer)
        {
            if (outer._isOver || outer._cache != cache)
                continue; // Work that a loader has left behind may come here after its end.
            isInside = true;
            if (outer._key == key)
                throw new InvalidOperationException($"The loader of '{key}' asks for its own key.");
        }

        return s_current.Value = new UncachedLoad(cache, key, s_current.Value) { IsInside = isInside };
    }

    public void Dispose() => _isOver = true;
}
