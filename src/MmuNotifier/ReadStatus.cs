namespace MmuNotifier;

/// <summary>What became of an attempt to begin a read section.</summary>
public enum ReadStatus
{
    /// <summary>No section was begun (<c>default</c>).</summary>
    None,

    /// <summary>
    /// The section is open: collect, then check <see cref="ReadSection.MustRetry"/> under the lock that the callback takes.
    /// </summary>
    Open,

    /// <summary>An invalidation of the part is active. Only the calls that never wait say so.</summary>
    Invalidating,

    /// <summary>The notifier is removed, for good.</summary>
    Removed,

    /// <summary>The address space has exited, for good.</summary>
    Exited,

    /// <summary>
    /// The notifier's callback failed for a change that was already made; nothing can be read through it until it is removed.
    /// </summary>
    Failed,

    /// <summary>The named part is not, or no longer, inside the notifier's range.</summary>
    OutOfRange,
}
