namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>
/// A server with a replica, a node that keeps one name, and an invalidator. Times are relative and in ticks: what is left, or how old
/// something is. So time has no end, and there are finitely many states.
/// </summary>
internal record struct LeaseState
{
    public const sbyte None = -1;

    public LeaseState()
    {
    }

    // The server. The snapshot is what the replica has.
    public sbyte Epoch = 1;
    public sbyte Sequence;
    public sbyte First = 1;
    public bool IsSettled = true;
    public sbyte Acknowledged = None;
    public sbyte SnapshotSequence;
    public sbyte SnapshotAcknowledged = None;

    // The node's question and the server's answer.
    public sbyte Sync;
    public sbyte SyncAge;
    public sbyte SyncPosition;
    public sbyte SyncEpoch;
    public sbyte ReplySequence;
    public sbyte ReplyEpoch;
    public bool ReplyHasGap;

    // An entry that the server has pushed.
    public sbyte Pushed;
    public sbyte PushedEpoch;

    // The node.
    public sbyte NodeEpoch = 1;
    public sbyte Position;
    public sbyte Entry = None;
    public sbyte Load = None;
    public bool IsLoadDead;
    public sbyte LeaseLeft;
    public bool HasLeaseFlag;
    public sbyte ToApply = None;

    // One lookup at a time.
    public sbyte Lookup;
    public sbyte LookupAtLeast;
    public sbyte LookupValue = None;

    // The source, and the invalidator.
    public sbyte Source;
    public sbyte Returned;
    public sbyte Invalidation;
    public sbyte InvalidationAge;
    public sbyte InvalidationEpoch;
    public sbyte InvalidationSequence;
    public bool WereHolders;
    public bool HasRenewedSince;
    public bool WasSettled;
    public sbyte WaitLeft;

    // What may still go wrong.
    public bool HasStoodStill;
    public bool HasNewEpoch;
    public bool HasTrimmed;
    public bool HasDuplicated;
    public bool IsStale;

    /// <summary>All fields have a byte each: the states are compared as bytes, which is several times as fast.</summary>
    public readonly bool Equals(LeaseState other) => StateBytes.Of(in this).SequenceEqual(StateBytes.Of(in other));

    public override readonly int GetHashCode() => StateBytes.Hash(in this);
}
