namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>A rule of the log and of the leases that the model can leave out. docs/caching-redis.md has each with its reason.</summary>
public enum LeaseRule
{
    /// <summary>Nothing is left out.</summary>
    None,

    /// <summary>What was kept when an entry of the log is applied is removed, and what is being loaded is not kept.</summary>
    LoadsCollide,

    /// <summary>A pushed entry is applied only at the next position.</summary>
    DensePositions,

    /// <summary>A gap in the log makes a node forget everything.</summary>
    GapForgets,

    /// <summary>Another epoch makes a node forget everything.</summary>
    EpochForgets,

    /// <summary>The replication id is part of the epoch.</summary>
    ReplicationId,

    /// <summary>A lease counts from when its renewal was sent.</summary>
    LeaseFromSend,

    /// <summary>A lease begins when the log is applied up to where the server was.</summary>
    LeaseAfterApplying,

    /// <summary>A lookup compares the clock, and does not trust a flag of a timer.</summary>
    LookupReadsClock,

    /// <summary>A lookup checks the lease before it reads the entry.</summary>
    LeaseBeforeEntry,

    /// <summary>A lookup without a lease loads alone, and joins no load.</summary>
    NoJoinWithoutLease,

    /// <summary>The invalidator's wait is longer than a lease by the drift of the clocks.</summary>
    WaitIncludesDrift,

    /// <summary>The invalidator's wait begins when the server has answered.</summary>
    WaitFromReply,

    /// <summary>The invalidator waits until all have acknowledged or a lease has passed, whatever its patience.</summary>
    WaitIsWhole,

    /// <summary>The holders of leases are read in the step that appends the entry.</summary>
    HoldersWithAppend,

    /// <summary>In an epoch in which no lease has passed yet, the list of holders does not count.</summary>
    UnsettledEpochWaits,

    /// <summary>A node is taken from the list only if it has not renewed since.</summary>
    ExpelOnlySilent,
}
