namespace MmuNotifier.Processes.Mirroring;

/// <summary>What a session has found at the last look at one process: from <see cref="MirrorSession.TakeLooks"/>.</summary>
public sealed class MirroredLook
{
    /// <summary>The number of the process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The name of its program, as the kernel shows it: 15 bytes at most.</summary>
    public required string Command { get; init; }

    /// <summary>Counts the programs of the session from 1 on: one that a process executes has another number than the one before.</summary>
    public required int ProgramNumber { get; init; }

    /// <summary>All mappings, in the order of addresses.</summary>
    public required IReadOnlyList<LiveMapping> Mappings { get; init; }

    /// <summary>
    /// Pages that were in memory: touched, and not swapped out. In ascending order, joined where they touch; whole pages of 4 KiB.
    /// </summary>
    public required IReadOnlyList<AddressRange> Resident { get; init; }

    /// <summary>
    /// Pages found written since the last <see cref="MirrorSession.TakeLooks"/>; in ascending order, joined where they touch. At the first
    /// look at a program all of its pages count as written.
    /// </summary>
    public required IReadOnlyList<AddressRange> Written { get; init; }

    /// <summary>
    /// What the kernel has reported before the look, and after the look of the last <see cref="MirrorSession.TakeLooks"/>, in the order in
    /// which it came.
    /// </summary>
    public required IReadOnlyList<MemoryChange> Changes { get; init; }

    /// <summary>How many more changes had no room: 65,536 are kept.</summary>
    public required long ChangesLost { get; init; }
}
