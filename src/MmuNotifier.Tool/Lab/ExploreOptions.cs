namespace MmuNotifier.Tool.Lab;

/// <summary>The options of <c>mmun lab explore</c>.</summary>
internal sealed record ExploreOptions
{
    /// <summary>The names of the drivers to explore.</summary>
    internal required IReadOnlyList<string> Drivers { get; init; }

    /// <summary>How many schedules of each scenario at most; null for the usual number.</summary>
    internal long? Schedules { get; init; }

    /// <summary>The seed of the random schedules.</summary>
    internal ulong Seed { get; init; }

    /// <summary>The bound of preemptions of an exhaustive exploration; null for random schedules.</summary>
    internal int? Preemptions { get; init; }

    /// <summary>How long one scenario is explored at most.</summary>
    internal TimeSpan TimeLimit { get; init; }

    /// <summary>The seeded defect to explore with; null for none.</summary>
    internal string? Defect { get; init; }

    /// <summary>Whether each seeded defect is explored in turn.</summary>
    internal bool AllDefects { get; init; }

    /// <summary>A schedule to run again; null for none.</summary>
    internal string? Replay { get; init; }

    /// <summary>Whether to list drivers, scenarios and defects, and explore nothing.</summary>
    internal bool IsList { get; init; }

    /// <summary>Whether timelines show every access.</summary>
    internal bool IsVerbose { get; init; }
}
