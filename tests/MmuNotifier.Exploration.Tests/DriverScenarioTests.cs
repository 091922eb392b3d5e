using MmuNotifier.Exploration.Scenarios.Drivers;

namespace MmuNotifier.Exploration.Tests;

/// <summary>The reference drivers are right in the schedules that there is time for, and each seeded defect is found.</summary>
public sealed class DriverScenarioTests(ITestOutputHelper output)
{
    private static readonly DriverEffort s_random = new(Schedules: 500, Effort.Seed, Preemptions: null, Effort.GiveUp);

    // All with one preemption, as far as the number goes; more by mmun lab explore --preemptions.
    private static readonly DriverEffort s_bounded = new(Schedules: 1_000, Effort.Seed, Preemptions: 1, Effort.GiveUp);

    public static TheoryData<string> Drivers => [.. DriverScenarios.Drivers];

    public static TheoryData<string, string> Broken =>
        [.. DriverScenarios.Broken.Select(broken => (broken.Driver, broken.Defect.ToString()))];

    [Theory]
    [MemberData(nameof(Drivers))]
    public void Driver_is_right(string driver)
    {
        foreach ((string scenario, ExplorationResult result) in DriverExploration.Explore(driver, s_random)
            .Concat(DriverExploration.Explore(driver, s_bounded)))
        {
            output.WriteLine($"{scenario}: {result.Schedules} schedules{(result.IsComplete ? ", complete" : "")}");
            Assert.True(result.Failure is null, result.Failure?.ToString());
        }
    }

    /// <summary>The tool prints the counts until then, however early it was.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void An_exploration_that_was_cancelled_before_it_began_has_a_row_all_the_same(int? preemptions)
    {
        var limits = new ExplorationLimits { Cancellation = new CancellationToken(canceled: true) };
        var effort = new DriverEffort(100, 1, preemptions, TimeSpan.FromMinutes(1), limits);
        (_, ExplorationResult result) = DriverExploration.Explore("svm", effort).First();
        Assert.Null(result.Failure);
        Assert.InRange(result.Schedules, 0, 1);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_driver_is_found_and_replayed(string driver, string defect)
    {
        DefectResult result = DriverExploration.ExploreDefect(
            driver, defect, new DriverEffort(20_000, Seed: 1, Preemptions: null, Effort.GiveUp));
        Assert.True(result.Failure is not null, $"{driver} with {defect} was not found in {result.Schedules} schedules");
        output.WriteLine($"{result.Failure.Scenario}: {result.Schedules} schedules\n{result.Failure.Message}\n{result.Failure.Timeline}");
        Assert.True(DriverExploration.TryReplay(DriverExploration.ReplayTextOf(result.Failure), out ExplorationFailure? again));
        Assert.Equal(result.Failure.Timeline, again?.Timeline);
    }
}
