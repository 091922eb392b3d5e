using MmuNotifier.Exploration.Scenarios;

namespace MmuNotifier.Exploration.Tests;

/// <summary>
/// Each scenario of the cache of values by name, in the schedules with one preemption as far as the time goes, and in random ones.
/// </summary>
public sealed class CachingScenarioTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => [.. ScenarioRegistry.Caching.Select(factory => factory().Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Caching_is_right_in_all_schedules_within_the_bounds(string name)
    {
        var bounds = new ExplorationBounds { MaxPreemptions = 1, TimeLimit = Effort.ExhaustiveTime };
        Report(name, "exhaustively", Exploring.Exhaustively(ScenarioRegistry.Find(name)!, bounds: bounds));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Caching_is_right_in_random_schedules(string name) =>
        Report(
            name, $"seed {Effort.Seed}",
            Explorer.ExploreRandomly(ScenarioRegistry.Find(name)!, Effort.Seed, Effort.Schedules, Effort.GiveUp));

    private void Report(string name, string how, ExplorationResult result)
    {
        string end = result.IsComplete ? ", complete" : "";
        output.WriteLine($"{name} {how}: {result.Schedules:N0} schedules, {result.SchedulesPerSecond:N0}/s{end}");
        Assert.True(result.Failure is null, result.Failure?.ToString());
    }
}
