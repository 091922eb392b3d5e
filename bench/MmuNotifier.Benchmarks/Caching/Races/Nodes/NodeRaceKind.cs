namespace MmuNotifier.Benchmarks.Caching.Races.Nodes;

/// <summary>What one node does while another one loads: after that one's loader has read the source, before it returns.</summary>
internal enum NodeRaceKind
{
    /// <summary>The key is removed.</summary>
    Remove,

    /// <summary>Its tag is removed.</summary>
    Tag,

    /// <summary>A prefix of it is removed.</summary>
    Prefix,

    /// <summary>It is removed, set to something that is wrong since, and removed again.</summary>
    RemoveSetRemove,

    /// <summary>Its tag is removed; the load is the read of a value in the second level.</summary>
    SecondLevelRead,

    /// <summary>It is removed; the load is one in the background, of a value that is kept.</summary>
    BackgroundRefresh,

    /// <summary>It is removed; the node that loads loses its connection inside the load, and gets it back.</summary>
    Reconnect,
}
