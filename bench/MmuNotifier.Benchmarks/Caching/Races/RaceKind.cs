namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>What comes inside a load: after the loader has read the source, before it returns.</summary>
internal enum RaceKind
{
    /// <summary>The key is removed.</summary>
    Remove,

    /// <summary>Its tag is removed.</summary>
    Tag,

    /// <summary>A prefix of it is removed.</summary>
    Prefix,

    /// <summary>It is removed, set to something that is wrong since, and removed again.</summary>
    RemoveSetRemove,

    /// <summary>It is set to what the source has now.</summary>
    Set,

    /// <summary>It is removed; the load is one in the background, of a value that is kept.</summary>
    BackgroundRefresh,

    /// <summary>It is removed; the load is one of a value that has expired.</summary>
    Expiry,

    /// <summary>It is removed; other values are evicted meanwhile.</summary>
    Eviction,

    /// <summary>A scope of it begins and ends, with the change of the source inside.</summary>
    Scope,

    /// <summary>The load begins inside a scope, before the source changes; the scope ends.</summary>
    InsideScope,
}
