namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// What a <see cref="MirrorSession"/> came to. A page has 4096 bytes. In JSON it is what <c>mmun mirror --json</c> prints, described in
/// docs/mirror-report.md.
/// </summary>
public sealed record MirrorReport
{
    /// <summary>The version of the form, 1: it changes when a member changes its meaning.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The process that was launched or attached to.</summary>
    public required TargetReport Target { get; init; }

    /// <summary>How long the session ran.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>How often the mirror was brought up to date while the target ran.</summary>
    public required long Rounds { get; init; }

    /// <summary>The most pages held at one time, added up over all program images.</summary>
    public required long PagesMirrored { get; init; }

    /// <summary>Pages copied, all in all.</summary>
    public required long PagesFetched { get; init; }

    /// <summary>Pages compared with the frozen target, all freezes together.</summary>
    public required long PagesCompared { get; init; }

    /// <summary>Of these, pages that were not equal: 0, unless something is wrong.</summary>
    public required long PagesDiffering { get; init; }

    /// <summary>Failures to read or handle an event: 0, unless something is wrong.</summary>
    public required long EventsLost { get; init; }

    /// <summary>How many invalidations there were.</summary>
    public required InvalidationsReport Invalidations { get; init; }

    /// <summary>Where they came from.</summary>
    public required EventsReport Events { get; init; }

    /// <summary>Pages found written, all in all.</summary>
    public required long PagesWritten { get; init; }

    /// <summary>What was done to the notifiers, one for each mapping.</summary>
    public required NotifiersReport Notifiers { get; init; }

    /// <summary>Read sections that had to be repeated because something changed meanwhile.</summary>
    public required long ReadRetries { get; init; }

    /// <summary>Memory that is not mirrored and not compared, as of the last freeze.</summary>
    public required IReadOnlyList<MemoryReport> NotMirrored { get; init; }

    /// <summary>Memory that cannot be watched and is read again at every freeze, as of the last one.</summary>
    public required IReadOnlyList<MemoryReport> MirroredByReading { get; init; }

    /// <summary>The verifications, in the order of time.</summary>
    public required IReadOnlyList<FreezeReport> Freezes { get; init; }

    /// <summary>Verifications that could not be made, or not of all processes.</summary>
    public required IReadOnlyList<AbandonedFreezeReport> FreezesAbandoned { get; init; }

    /// <summary>How many program images were mirrored.</summary>
    public required long ProcessesMirrored { get; init; }

    /// <summary>
    /// The program images that are still mirrored, that differed or that failed, and the first 200 others that have ended.
    /// </summary>
    public required IReadOnlyList<ProcessReport> Processes { get; init; }

    /// <summary>How many children and executed programs were found.</summary>
    public required long ChildrenFound { get; init; }

    /// <summary>The first 200 of them.</summary>
    public required IReadOnlyList<ChildReport> Children { get; init; }

    /// <summary>The first pages that differed.</summary>
    public required IReadOnlyList<DifferenceReport> Differences { get; init; }

    /// <summary>What else a reader should know, one sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
