namespace MmuNotifier.Caching.Redis;

/// <summary>What the server says to a node that asks for the log, which also renews the node's lease.</summary>
internal sealed record SyncReply
{
    public required string Epoch { get; init; }

    /// <summary>Of the last entry of the log; 0 if there is none.</summary>
    public required long Sequence { get; init; }

    /// <summary>Of the first entry that is still there; one more than <see cref="Sequence"/> if none is.</summary>
    public required long First { get; init; }

    /// <summary>Whether all leases of earlier epochs have ended.</summary>
    public required bool IsSettled { get; init; }

    /// <summary>Replicas that are connected to the server.</summary>
    public required int Replicas { get; init; }

    /// <summary>Whether all replicas that the options name have it.</summary>
    public required bool IsReplicated { get; init; }

    /// <summary>The server's maxmemory policy; empty if it was not asked for.</summary>
    public required string EvictionPolicy { get; init; }

    /// <summary>The server's clock, in microseconds: for metrics only.</summary>
    public required long ServerTime { get; init; }

    /// <summary>The entries after the node's position, if the node knew the epoch; perhaps not all of them.</summary>
    public required IReadOnlyList<PlacedEntry> Entries { get; init; }

    /// <summary>If the node did not know the epoch.</summary>
    public required IReadOnlyList<OpenScope> Scopes { get; init; }
}
