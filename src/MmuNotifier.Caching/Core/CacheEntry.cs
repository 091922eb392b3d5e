namespace MmuNotifier.Caching;

/// <summary>One value of one key: one attempt to load it, and what is kept of that.</summary>
/// <remarks>
/// <code>
/// Loading ──committed──▶ Valid ──invalidated, replaced, expired, evicted──▶ Dead
///    └────invalidated, given up──────────────────────────────────────────────▲
/// </code>
/// It is a member of its tags before its read sections begin, so that every invalidation that starts later finds it.
/// </remarks>
internal abstract class CacheEntry(KeyNode node)
{
    private AtomicInt64 _refresh;

    public KeyNode Node { get; } = node;

    /// <summary>Guarded by the key's lock.</summary>
    public EntryState State { get; set; }

    /// <summary>Its memberships, each with the next. Guarded by the key's lock, in the rings guarded by those of the tags.</summary>
    public TagLink? FirstLink { get; set; }

    /// <summary>When lookups get it no longer, in milliseconds of the cache's clock. Written before it is valid.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>When a hit makes a new load begin. Hits read and write it; long.MaxValue: never.</summary>
    public long RefreshAt
    {
        get => _refresh.ReadRelaxed();
        set => _refresh.WriteRelaxed(value);
    }

    /// <summary>What it counts for in the size limit. Written before it is valid.</summary>
    public long Size { get; set; }

    /// <summary>Whether a scope was open when its sections began: it is never kept. Guarded by the key's lock.</summary>
    public bool BeganInScope { get; set; }

    /// <summary>
    /// Whether a lookup got it since eviction last looked. Written by hits; a lost write costs an eviction that was not due.
    /// </summary>
    public bool IsVisited { get; set; }

    // Guarded by the lock of the eviction queue.
    public CacheEntry? Newer { get; set; }
    public CacheEntry? Older { get; set; }
    public bool IsQueued { get; set; }

    /// <summary>Of all hits that find the refresh due, one begins it.</summary>
    public bool TryClaimRefresh() => _refresh.Exchange(long.MaxValue) != long.MaxValue;
}
