namespace MmuNotifier.Linux;

/// <summary>What happened to a watched address space. Every reader must handle each of them; see <see cref="UserfaultEvent"/>.</summary>
internal enum UserfaultEventKind : byte
{
    /// <summary>
    /// Something happened that this library does not understand. Treat it as if all memory had changed, and do not discard anything that
    /// cannot be restored.
    /// </summary>
    Unknown,

    /// <summary>A thread touched a page and waits for an answer.</summary>
    PageFault,

    /// <summary>The process forked.</summary>
    Fork,

    /// <summary>mremap moved a range.</summary>
    Remap,

    /// <summary>mremap made a second mapping of shared pages (old size 0); the first one is as it was.</summary>
    Duplicate,

    /// <summary>madvise is about to drop the pages of a range.</summary>
    Remove,

    /// <summary>A range was unmapped.</summary>
    Unmap,

    /// <summary>From the fault handler: the CPU touched a page that a device had, and has it again.</summary>
    Returned,

    /// <summary>
    /// From the fault handler: a page that a device had is gone, because of a removal or an unmapping. That event follows.
    /// </summary>
    Dropped,

    /// <summary>From the fault handler: nobody fetched the events in time and some are lost. Anything may have changed.</summary>
    Lost,
}
