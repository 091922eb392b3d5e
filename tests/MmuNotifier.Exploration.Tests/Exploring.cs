namespace MmuNotifier.Exploration.Tests;

/// <summary>Explorations as the tests need them.</summary>
internal static class Exploring
{
    /// <summary>Bounds that small scenarios are completely explored in.</summary>
    public static ExplorationBounds Wide { get; } = new() { MaxPreemptions = 4, MaxStaleReads = 3 };

    public static ExplorationResult Exhaustively(
        Func<Scenario> factory, SeededDefect defect = SeededDefect.None, ExplorationBounds? bounds = null)
    {
        Seeded.Active = defect;
        try
        {
            return Explorer.ExploreExhaustively(factory, bounds ?? Wide);
        }
        finally
        {
            Seeded.Active = SeededDefect.None;
        }
    }

    public static ExplorationResult Randomly(
        Func<Scenario> factory, SeededDefect defect = SeededDefect.None, ulong seed = 1, long count = 5_000)
    {
        Seeded.Active = defect;
        try
        {
            return Explorer.ExploreRandomly(factory, seed, count, Effort.GiveUp);
        }
        finally
        {
            Seeded.Active = SeededDefect.None;
        }
    }

    public static ExplorationFailure? Replay(Func<Scenario> factory, string schedule, SeededDefect defect = SeededDefect.None)
    {
        Seeded.Active = defect;
        try
        {
            return Explorer.Replay(factory, schedule);
        }
        finally
        {
            Seeded.Active = SeededDefect.None;
        }
    }

    public static void AssertNeverFails(Func<Scenario> factory, SeededDefect defect = SeededDefect.None)
    {
        ExplorationResult all = Exhaustively(factory, defect);
        Assert.True(all.Failure is null, all.Failure?.ToString());
        Assert.True(all.IsComplete);
        ExplorationResult some = Randomly(factory, defect);
        Assert.True(some.Failure is null, some.Failure?.ToString());
    }

    public static void AssertFails(Func<Scenario> factory, SeededDefect defect, string message)
    {
        foreach (ExplorationResult result in new[] { Exhaustively(factory, defect), Randomly(factory, defect) })
        {
            Assert.NotNull(result.Failure);
            Assert.Contains(message, result.Failure.Message, StringComparison.Ordinal);
            Assert.True(result.Failure.IsReproduced);
        }
    }
}
