using MmuNotifier.Exploration.Scenarios;

namespace MmuNotifier.Exploration.Tests;

/// <summary>
/// Each scenario of the engine, the caches and the mirror device, in all schedules within the bounds as far as the time goes, and in
/// random ones.
/// </summary>
public sealed class ScenarioTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => [.. Names([
        .. ScenarioRegistry.Engine, .. ScenarioRegistry.Cache, .. ScenarioRegistry.Caching, .. ScenarioRegistry.Mirroring])];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Is_right_in_all_schedules_within_the_bounds(string name)
    {
        var bounds = new ExplorationBounds { MaxPreemptions = MaxPreemptions(name), TimeLimit = Effort.ExhaustiveTime };
        Report(name, "exhaustively", Exploring.Exhaustively(ScenarioRegistry.Find(name)!, bounds: bounds));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Is_right_in_random_schedules(string name) => Report(
        name, $"seed {Effort.Seed}", Explorer.ExploreRandomly(ScenarioRegistry.Find(name)!, Effort.Seed, Effort.Schedules, Effort.GiveUp));

    private static IEnumerable<string> Names(IReadOnlyList<Func<Scenario>> scenarios) => scenarios.Select(factory => factory().Name);

    /// <summary>With two preemptions the registration cache and the device have too many schedules for CI.</summary>
    private static int MaxPreemptions(string name) =>
        Names([.. ScenarioRegistry.Cache, .. ScenarioRegistry.Mirroring]).Contains(name) ? 1 : 2;

    private void Report(string name, string how, ExplorationResult result)
    {
        string end = result.IsComplete ? ", complete" : "";
        output.WriteLine($"{name} {how}: {result.Schedules:N0} schedules, {result.SchedulesPerSecond:N0}/s{end}");
        Assert.True(result.Failure is null, result.Failure?.ToString());
    }
}
