namespace MmuNotifier.Differential;

/// <summary>What an <see cref="Operation"/> does.</summary>
public enum OperationKind
{
    /// <summary>mmap.</summary>
    Map,

    /// <summary>munmap.</summary>
    Unmap,

    /// <summary>mprotect.</summary>
    Protect,

    /// <summary>mremap.</summary>
    Remap,

    /// <summary>madvise; with <see cref="Hmm.Advice.Free"/> every page is written afterwards, so that the content is determined.</summary>
    Advise,

    /// <summary>Reading by the CPU.</summary>
    Load,

    /// <summary>Writing by the CPU.</summary>
    Store,

    /// <summary>ftruncate.</summary>
    Truncate,

    /// <summary>fallocate with PUNCH_HOLE.</summary>
    PunchHole,

    /// <summary>pread.</summary>
    ReadFile,

    /// <summary>pwrite.</summary>
    WriteFile,

    /// <summary>fork; nothing if there is a child.</summary>
    Fork,

    /// <summary>The child ends; nothing if there is none.</summary>
    Exit,

    /// <summary>
    /// Mappings, contents of all readable pages and files are compared. Touches every readable page, so it is an operation too.
    /// </summary>
    Compare,
}
