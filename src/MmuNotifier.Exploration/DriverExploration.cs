using MmuNotifier.Exploration.Scenarios;
using MmuNotifier.Exploration.Scenarios.Drivers;

namespace MmuNotifier.Exploration;

/// <summary>What mmun lab explore does: explores the reference drivers, as they are and with seeded defects.</summary>
internal static class DriverExploration
{
    private static readonly TimeSpan s_perDefect = TimeSpan.FromMinutes(2);

    public static IReadOnlyList<string> Drivers => DriverScenarios.Drivers;

    /// <summary>The scenarios of a driver, by name.</summary>
    public static IEnumerable<string> ScenariosOf(string driver) => DriverScenarios.Of(driver).Select(make => make().Name);

    /// <summary>The seeded defects of a driver, by name.</summary>
    public static IEnumerable<string> DefectsOf(string driver) =>
        DriverScenarios.DefectsOf(driver).Select(broken => broken.Defect.ToString());

    /// <summary>The right driver: each of its scenarios in turn.</summary>
    /// <param name="driver">One of <see cref="Drivers"/>.</param>
    /// <param name="effort">How far.</param>
    public static IEnumerable<(string Scenario, ExplorationResult Result)> Explore(string driver, DriverEffort effort)
    {
        foreach (Func<Scenario> scenario in DriverScenarios.Of(driver))
        {
            ExplorationResult result = effort.Preemptions is { } preemptions
                ? Explorer.ExploreExhaustively(scenario, BoundsOf(preemptions, effort), effort.Limits)
                : Explorer.ExploreRandomly(scenario, effort.Seed, effort.Schedules, effort.TimeLimit, effort.Limits);
            yield return (scenario().Name, result);
        }
    }

    /// <summary>A driver with a seeded defect: its scenarios in rounds, until one fails.</summary>
    /// <param name="driver">One of <see cref="Drivers"/>.</param>
    /// <param name="defect">One of <see cref="DefectsOf"/>.</param>
    /// <param name="effort">How far; always random.</param>
    public static DefectResult ExploreDefect(string driver, string defect, DriverEffort effort) => DefectSearch.Run(
        Enum.Parse<SeededDefect>(defect), [.. DriverScenarios.Of(driver)], effort.Schedules, s_perDefect, effort.Seed, effort.Limits);

    /// <summary>Runs one schedule again.</summary>
    /// <param name="text">As <see cref="ReplayTextOf"/> made it.</param>
    /// <param name="failure">What went wrong; null: nothing.</param>
    /// <returns>False if the text is none.</returns>
    public static bool TryReplay(string text, out ExplorationFailure? failure)
    {
        failure = null;
        string[] parts = text.Split(':');
        if (parts.Length != 4 || !Enum.TryParse(parts[3], out SeededDefect defect) || !IsSchedule(parts[2])
            || ScenarioRegistry.Find($"{parts[0]}:{parts[1]}") is not { } scenario)
        {
            return false;
        }

        Seeded.Active = defect;
        try
        {
            failure = Explorer.Replay(scenario, parts[2]);
            return true;
        }
        finally
        {
            Seeded.Active = SeededDefect.None;
        }
    }

    /// <summary>Driver, scenario, choices and defect.</summary>
    public static string ReplayTextOf(ExplorationFailure failure) => $"{failure.Scenario}:{failure.Schedule}:{failure.Defect}";

    private static ExplorationBounds BoundsOf(int preemptions, DriverEffort effort) => new()
    {
        MaxPreemptions = preemptions,
        MaxStaleReads = 0,
        MaxSchedules = effort.Schedules,
        TimeLimit = effort.TimeLimit,
    };

    private static bool IsSchedule(string text)
    {
        try
        {
            Strategies.ChoiceList.Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
