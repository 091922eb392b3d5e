namespace MmuNotifier.Linux;

/// <summary>How a scan ended.</summary>
internal enum PageMapStatus
{
    /// <summary>The whole range was scanned.</summary>
    Complete,

    /// <summary>The address space no longer exists: the process has exited or executed another program. Nothing found counts.</summary>
    ProcessGone,

    /// <summary>
    /// A mapping in the range cannot be protected, because it is not registered. Pages before it may have been armed without being
    /// reported: take the whole range as written.
    /// </summary>
    NotRegistered,

    /// <summary>The kernel does not know this scan, or the bounds are off the page grid.</summary>
    Unsupported,

    /// <summary>
    /// The scan failed for another reason, such as a range that no process can have. Pages before it may have been armed without being
    /// reported: take the whole range as written.
    /// </summary>
    Failed,
}
