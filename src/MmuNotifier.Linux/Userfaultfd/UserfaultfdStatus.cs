namespace MmuNotifier.Linux;

/// <summary>How a call on a userfaultfd ended.</summary>
internal enum UserfaultfdStatus
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>A shared mapping of a file opened for reading: nobody can write through it, so there is nothing to protect.</summary>
    ReadOnlyShared,

    /// <summary>
    /// A kind of mapping that userfaultfd refuses (vvar, vdso, droppable), no mapping at all, or bounds off the page grid.
    /// </summary>
    NotWatchable,

    /// <summary>Another userfaultfd has registered a part of the range.</summary>
    TakenByAnother,

    /// <summary>No such mapping, or one that is not registered here.</summary>
    NotRegistered,

    /// <summary>An event waits to be read; nothing was done. Retry only after the reader had its turn.</summary>
    EventPending,

    /// <summary>The process has no memory for it, or is at its limit of mappings.</summary>
    NoMemory,

    /// <summary>The watched address space no longer exists (exit or exec).</summary>
    ProcessGone,

    /// <summary>Any other error; see the error number.</summary>
    Failed,
}
