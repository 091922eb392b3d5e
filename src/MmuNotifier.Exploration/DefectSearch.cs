using MmuNotifier.Exploration.Strategies;

namespace MmuNotifier.Exploration;

/// <summary>Looks for the scenario that catches a defect.</summary>
internal static class DefectSearch
{
    /// <summary>
    /// Runs the scenarios in turn, in rounds that double, so that one that never fails does not use up the time of the others.
    /// At most so many schedules per scenario, and so much time for all of them.
    /// </summary>
    public static DefectResult Run(
        SeededDefect defect, IReadOnlyList<Func<Scenario>> scenarios, long schedules, TimeSpan timeLimit, ulong seed,
        ExplorationLimits? limits = null)
    {
        Seeded.Active = defect;
        try
        {
            long start = Environment.TickCount64;
            long total = 0;
            var seeds = new Randomness(seed);
            for (long done = 0, round = 200; done < schedules; done += round, round *= 2)
            {
                foreach (Func<Scenario> scenario in scenarios)
                {
                    TimeSpan left = timeLimit - TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
                    if (left <= TimeSpan.Zero || limits?.Cancellation.IsCancellationRequested == true)
                        return new DefectResult(defect, total, Failure: null);
                    ExplorationResult result = Explorer.ExploreRandomly(
                        scenario, seeds.Next(), Math.Min(round, schedules - done), left, limits);
                    total += result.Schedules;
                    if (result.Failure is not null)
                        return new DefectResult(defect, total, result.Failure);
                }
            }

            return new DefectResult(defect, total, Failure: null);
        }
        finally
        {
            Seeded.Active = SeededDefect.None;
        }
    }
}
