namespace MmuNotifier.Processes;

/// <summary>What a process has done to its memory.</summary>
public enum MemoryChangeKind
{
    /// <summary>It is not mapped any more: munmap, brk, a mapping put over it.</summary>
    Unmapped,

    /// <summary>It is mapped elsewhere now: mremap.</summary>
    Moved,

    /// <summary>The mapping is still there, its pages are not: madvise, truncation.</summary>
    Dropped,

    /// <summary>The process has made a child that has a copy of its memory.</summary>
    Forked,
}
