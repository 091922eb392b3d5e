namespace MmuNotifier.Registration;

/// <summary>What has a setter is guarded by the cache's lock, unless it says otherwise.</summary>
internal sealed class EntryNotifier<TRegistration>(RegistrationCache<TRegistration> cache, CacheEntry<TRegistration> entry) : EntryNotifier
{
    public RegistrationCache<TRegistration> Cache { get; } = cache;

    public CacheEntry<TRegistration> Entry { get; } = entry;

    /// <summary>Neighbours in the clock, while the entry is valid.</summary>
    public EntryNotifier<TRegistration>? ClockNext { get; set; }

    public EntryNotifier<TRegistration>? ClockPrevious { get; set; }

    /// <summary>Neighbours in the list of the retired or of the due.</summary>
    public EntryNotifier<TRegistration>? Next { get; set; }

    public EntryNotifier<TRegistration>? Previous { get; set; }

    /// <summary>Everything that was invalidated since the entry was valid; null if it was retired for another reason.</summary>
    public AddressRange? Damage { get; set; }

    /// <summary>Whether the rest around a hole is to be cut out. While it is, the entry is not released.</summary>
    public SplitPhase Split { get; set; }

    /// <summary>
    /// Whether the watch counts it. Used by one thread at a time: the one that makes the entry, then the one that releases it.
    /// </summary>
    public bool IsWatched { get; set; }

    /// <summary>Whether the pages are claimed for it. Used by one thread at a time, as <see cref="IsWatched"/>.</summary>
    public bool HasClaim { get; set; }

    /// <summary>In time stamps of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long RetiredAt { get; set; }

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Cache.Invalidated(this, invalidation.Overlap, invalidation.Event);
        return InvalidateResult.Done;
    }
}
