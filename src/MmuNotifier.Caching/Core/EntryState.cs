namespace MmuNotifier.Caching;

/// <summary>The life of a <see cref="CacheEntry"/>. Steps are made under the lock of its key; hits read it without.</summary>
internal static class EntryState
{
    /// <summary>The value is being loaded.</summary>
    public const long Loading = 0;

    /// <summary>Lookups get the value.</summary>
    public const long Valid = 1;

    /// <summary>Invalidated, replaced, evicted or given up, while it was loaded or later. For good.</summary>
    public const long Dead = 2;
}
