namespace MmuNotifier.Processes.Mirroring;

/// <summary>What a <see cref="MirrorSession"/> mirrors, and how.</summary>
public sealed record MirrorOptions
{
    /// <summary>The process to attach to; null to launch <see cref="Program"/>.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The program to launch, a path or a name that is looked for in PATH, and its arguments.</summary>
    public IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>Whether the standard output of a launched program goes to this process's standard error.</summary>
    public bool OutputToError { get; init; }

    /// <summary>How often the target is frozen and compared; null: only at the end.</summary>
    public TimeSpan? VerifyEvery { get; init; }

    /// <summary>
    /// Whether a whole copy of each page is kept, and compared byte for byte, which takes as much memory as the target has. Otherwise 16
    /// bytes are kept for each page, its XXH128 hash with a random seed; two pages that differ by chance have equal hashes once in 2^128.
    /// </summary>
    public bool KeepsBytes { get; init; }

    /// <summary>When to end; null: when the target and all followed children have ended.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>
    /// Time between rounds; null: chosen by <see cref="FirstWriteCost"/> so that the target loses about 4 % of its time.
    /// </summary>
    public TimeSpan? Round { get; init; }

    /// <summary>
    /// What the first write to a page costs the target after a round, which protects it; 14 µs if nothing is said, as on a virtual machine
    /// (docs/linux-facts.md, fact 16).
    /// </summary>
    public TimeSpan FirstWriteCost { get; init; } = TimeSpan.FromMicroseconds(14);

    /// <summary>
    /// Whether children of the target, and programs that it executes, are mirrored too; otherwise they are only named in the report.
    /// </summary>
    public bool FollowChildren { get; init; } = true;

    /// <summary>How long a freeze may take to stop all threads; 2 seconds if nothing is said.</summary>
    public TimeSpan FreezeLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether <see cref="MirrorSession.TakeLooks"/> will be called; what is found is kept for it until then.</summary>
    public bool KeepsLooks { get; init; }

    /// <summary>Called after each step at a target: for tests, in which the target changes there.</summary>
    internal Action<string>? AfterStep { get; init; }
}
