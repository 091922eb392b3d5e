namespace MmuNotifier.Tool.Commands;

/// <summary>What <c>mmun explore</c> is asked for.</summary>
internal sealed record ExploreOptions
{
    /// <summary>Which drivers.</summary>
    internal required IReadOnlyList<string> Drivers { get; init; }

    /// <summary>At most, a scenario; null: the usual number.</summary>
    internal long? Schedules { get; init; }

    /// <summary>Of random schedules.</summary>
    internal ulong Seed { get; init; }

    /// <summary>Null: random schedules.</summary>
    internal int? Preemptions { get; init; }

    /// <summary>For one scenario.</summary>
    internal TimeSpan TimeLimit { get; init; }

    /// <summary>The step that is broken; null: none.</summary>
    internal string? Defect { get; init; }

    /// <summary>Each seeded defect in turn.</summary>
    internal bool AllDefects { get; init; }

    /// <summary>A schedule to run again; null: none.</summary>
    internal string? Replay { get; init; }

    /// <summary>Only list what there is.</summary>
    internal bool IsList { get; init; }

    /// <summary>Whether timelines show every access.</summary>
    internal bool IsVerbose { get; init; }
}
