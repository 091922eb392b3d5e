namespace MmuNotifier.Exploration;

/// <summary>What an exploration came to.</summary>
/// <param name="Schedules">How many it ran.</param>
/// <param name="IsComplete">Whether it ran all within the bounds; never for a random one, nor after a failure.</param>
/// <param name="Elapsed">Without the search for a simpler failing schedule.</param>
/// <param name="Failure">The first that failed; null: none.</param>
internal sealed record ExplorationResult(long Schedules, bool IsComplete, TimeSpan Elapsed, ExplorationFailure? Failure)
{
    public double SchedulesPerSecond => Schedules / Math.Max(Elapsed.TotalSeconds, 1e-6);
}
