namespace MmuNotifier.Tool.Sampling;

/// <summary>What a process has done to its memory. The numbers stand in recordings (docs/recording.md).</summary>
internal enum MemoryEventKind : byte
{
    /// <summary>Memory is mapped that was not before; found by looking.</summary>
    Mapped = 1,

    /// <summary>It is not mapped any more.</summary>
    Unmapped = 2,

    /// <summary>It is mapped elsewhere now.</summary>
    Moved = 3,

    /// <summary>It permits something else; found by looking.</summary>
    Protected = 4,

    /// <summary>The mapping is still there, its pages are not.</summary>
    Dropped = 5,

    /// <summary>The process has made a child with a copy of its memory.</summary>
    Forked = 6,

    /// <summary>Another program runs in the process: all memory is new.</summary>
    Executed = 7,
}
