namespace MmuNotifier.Caching;

/// <summary>The life of a <see cref="CacheEntry"/>.</summary>
internal enum EntryState
{
    /// <summary>The value is being loaded.</summary>
    Loading,

    /// <summary>Lookups get the value.</summary>
    Valid,

    /// <summary>Invalidated, replaced, expired, evicted or given up, while it was loaded or later. For good.</summary>
    Dead,
}
