namespace MmuNotifier.Caching.Redis;

/// <summary>The server's answer to a node that asks for the log. Asking also renews the lease of the node.</summary>
internal sealed record SyncReply
{
    public required string Epoch { get; init; }

    /// <summary>The number of the last entry of the log; 0 if the log is empty.</summary>
    public required long Sequence { get; init; }

    /// <summary>The number of the first entry that is still in the log; one more than <see cref="Sequence"/> if none is.</summary>
    public required long First { get; init; }

    /// <summary>Whether all leases of earlier epochs have ended.</summary>
    public required bool IsSettled { get; init; }

    /// <summary>Replicas that are connected to the server.</summary>
    public required int Replicas { get; init; }

    /// <summary>Whether as many replicas as the options name have the renewal.</summary>
    public required bool IsReplicated { get; init; }

    /// <summary>The server's maxmemory policy; empty if it was not asked for.</summary>
    public required string EvictionPolicy { get; init; }

    /// <summary>
    /// The server's clock, in microseconds. It dates the ends of values in Redis and the metrics of delays; no promise about invalidations
    /// depends on it.
    /// </summary>
    public required long ServerTime { get; init; }

    /// <summary>The entries after the node's position, if the node knew the epoch; perhaps not all of them.</summary>
    public required IReadOnlyList<PlacedEntry> Entries { get; init; }

    /// <summary>All open scopes, if the node did not know the epoch; otherwise empty.</summary>
    public required IReadOnlyList<OpenScope> Scopes { get; init; }
}
