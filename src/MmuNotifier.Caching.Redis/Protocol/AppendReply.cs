namespace MmuNotifier.Caching.Redis;

/// <summary>What the server says when it has appended an entry. All of it is of that one moment.</summary>
internal sealed record AppendReply
{
    public required string Epoch { get; init; }

    /// <summary>Of the new entry.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether all leases of earlier epochs have ended: if not, the holders are not all that there may be.</summary>
    public required bool IsSettled { get; init; }

    public required int Replicas { get; init; }

    /// <summary>Whether all replicas that the options name have it.</summary>
    public required bool IsReplicated { get; init; }

    /// <summary>For the end of a scope: whether the server had it as open.</summary>
    public required bool HadScope { get; init; }

    /// <summary>Whether an earlier try may have appended it too, and so ended its scope.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>In strict mode.</summary>
    public required IReadOnlyList<LeaseHolder> Holders { get; init; }
}
