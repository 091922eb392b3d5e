namespace MmuNotifier.Exploration;

/// <summary>How far drivers are explored.</summary>
/// <param name="Schedules">At most, for each scenario.</param>
/// <param name="Seed">Of random schedules.</param>
/// <param name="Preemptions">Not null: all schedules with at most so many, not random ones.</param>
/// <param name="TimeLimit">For each scenario.</param>
/// <param name="Limits">Of each schedule, and what ends the exploration before its time; null for the usual ones.</param>
internal sealed record DriverEffort(
    long Schedules, ulong Seed, int? Preemptions, TimeSpan TimeLimit, ExplorationLimits? Limits = null);
