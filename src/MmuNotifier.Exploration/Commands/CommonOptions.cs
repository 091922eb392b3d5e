using System.CommandLine;
using MmuNotifier.Exploration.Scenarios;
using MmuNotifier.Exploration.Scenarios.Litmus;

namespace MmuNotifier.Exploration.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string?> Scenario() => new("--scenario") { Description = "The name of one scenario (see list)." };

    public static Option<string?> Defect() =>
        new("--defect") { Description = "Make this seeded defect. Litmus makes the one of the litmus scenarios." };

    public static Option<long> Schedules(long usual) =>
        new("--schedules") { Description = "Random schedules per scenario.", DefaultValueFactory = _ => usual };

    public static Option<ulong> Seed() =>
        new("--seed") { Description = "Of the random schedules; the first has this very seed.", DefaultValueFactory = _ => 1 };

    public static Option<double> Seconds(string what, double usual) =>
        new("--seconds") { Description = $"Time limit {what}.", DefaultValueFactory = _ => usual };

    public static Option<int> Preemptions() =>
        new("--preemptions") { Description = "Bound of an exhaustive exploration.", DefaultValueFactory = _ => 2 };

    public static Option<int> StaleReads() =>
        new("--stale-reads") { Description = "Bound of an exhaustive exploration.", DefaultValueFactory = _ => 1 };

    /// <summary>The scenario of the name, or all of the engine's; if there are none yet, the litmus ones.</summary>
    public static IReadOnlyList<Func<Scenario>>? Select(string? name)
    {
        if (name is null)
            return ScenarioRegistry.Engine.Count > 0 ? ScenarioRegistry.Engine : ScenarioRegistry.Litmus;
        if (ScenarioRegistry.Find(name) is { } factory)
            return [factory];
        Console.Error.WriteLine($"There is no scenario '{name}'; list shows them.");
        return null;
    }

    public static bool TryActivate(string? defect)
    {
        SeededDefect parsed = SeededDefect.None;
        if (string.Equals(defect, "litmus", StringComparison.OrdinalIgnoreCase))
        {
            parsed = LitmusDefects.Weakened;
        }
        else if (defect is not null && !Enum.TryParse(defect, ignoreCase: true, out parsed))
        {
            Console.Error.WriteLine($"There is no defect '{defect}'.");
            return false;
        }

        Seeded.Active = parsed;
        return true;
    }
}
