namespace MmuNotifier.Exploration;

/// <summary>What ends a schedule that does not end, and an exploration before its time.</summary>
internal sealed record ExplorationLimits
{
    /// <summary>Scheduling points of all threads; more is a livelock.</summary>
    public int MaxSteps { get; init; } = 20_000;

    /// <summary>Scheduling points of one thread after which another must run, if one can.</summary>
    public int MaxStepsInARow { get; init; } = 500;

    /// <summary>Threads of the scenario and the engine's own, at most 26.</summary>
    public int MaxThreads { get; init; } = 16;

    /// <summary>How often a background thread's wait is let time out after the scenario's threads have ended.</summary>
    public int MaxFinalTimeouts { get; init; } = 3;

    /// <summary>Time for one schedule; over it, a thread is taken to block outside of the primitives.</summary>
    public TimeSpan Watchdog { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Ends the exploration after the schedule that runs.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Called after each schedule, on the thread of the explorer.</summary>
    public Action? AfterSchedule { get; init; }
}
