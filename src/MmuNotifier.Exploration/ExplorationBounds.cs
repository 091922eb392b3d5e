namespace MmuNotifier.Exploration;

/// <summary>How far an exhaustive exploration goes.</summary>
internal sealed record ExplorationBounds
{
    /// <summary>Switches away from a thread that could have gone on. Switches from a blocked one are always explored.</summary>
    public int MaxPreemptions { get; init; } = 2;

    /// <summary>Reads that return another message than the newest.</summary>
    public int MaxStaleReads { get; init; } = 1;

    public long MaxSchedules { get; init; } = long.MaxValue;

    public TimeSpan TimeLimit { get; init; } = TimeSpan.MaxValue;
}
