namespace MmuNotifier.Caching.Redis;

/// <summary>Why a node has forgotten everything.</summary>
internal enum ForgetReason
{
    /// <summary>It has just started.</summary>
    None,

    /// <summary>FLUSHALL, a restart, a failover, or the state was evicted.</summary>
    Epoch,

    /// <summary>The log does not have what comes after its position.</summary>
    Gap,

    /// <summary>The wall clock and the monotonic clock have not gone on together.</summary>
    ClockJump,
}
