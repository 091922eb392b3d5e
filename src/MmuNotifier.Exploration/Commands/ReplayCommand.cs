using System.CommandLine;

namespace MmuNotifier.Exploration.Commands;

/// <summary>replay: runs one schedule that failed, and shows its steps.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        Option<string?> scenario = CommonOptions.Scenario();
        scenario.Required = true;
        Option<string?> defect = CommonOptions.Defect();
        var schedule = new Option<string>("--schedule") { Description = "As a failure report gives it.", Required = true };
        var command = new Command("replay", "Run the schedule of a failure again and show its steps. Exit code 1: it failed again.")
        {
            scenario,
            defect,
            schedule,
        };
        command.SetAction(parsed =>
        {
            if (CommonOptions.Select(parsed.GetValue(scenario)) is not { } factories || !CommonOptions.TryActivate(parsed.GetValue(defect)))
                return 2;
            ExplorationFailure? failure = Explorer.Replay(factories[0], parsed.GetValue(schedule)!);
            Console.WriteLine(failure?.ToString() ?? "It does not fail.");
            return failure is null ? 0 : 1;
        });
        return command;
    }
}
