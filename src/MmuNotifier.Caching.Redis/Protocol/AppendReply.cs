namespace MmuNotifier.Caching.Redis;

/// <summary>The server's answer when it has appended an entry. Everything in it is as of that one step.</summary>
internal sealed record AppendReply
{
    public required string Epoch { get; init; }

    /// <summary>The number of the new entry.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether all leases of earlier epochs have ended: if not, there may be more holders than these.</summary>
    public required bool IsSettled { get; init; }

    public required int Replicas { get; init; }

    /// <summary>Whether as many replicas as the options name have the entry.</summary>
    public required bool IsReplicated { get; init; }

    /// <summary>For the end of a scope: whether the scope was open on the server.</summary>
    public required bool HadScope { get; init; }

    /// <summary>Whether an earlier try may have appended it too, and so ended its scope.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>The nodes that may hold a lease; empty in bounded mode.</summary>
    public required IReadOnlyList<LeaseHolder> Holders { get; init; }
}
