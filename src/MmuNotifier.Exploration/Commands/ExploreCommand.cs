using System.CommandLine;

namespace MmuNotifier.Exploration.Commands;

/// <summary>explore: runs scenarios, randomly or exhaustively, until one fails.</summary>
internal static class ExploreCommand
{
    public static Command Create()
    {
        Option<string?> scenario = CommonOptions.Scenario();
        Option<string?> defect = CommonOptions.Defect();
        Option<long> schedules = CommonOptions.Schedules(10_000);
        Option<ulong> seed = CommonOptions.Seed();
        Option<double> seconds = CommonOptions.Seconds("per scenario", 60);
        var exhaustive = new Option<bool>("--exhaustive")
        {
            Description = "All schedules within the bounds instead of random ones; --schedules then limits only if it is given.",
        };
        Option<int> preemptions = CommonOptions.Preemptions();
        Option<int> staleReads = CommonOptions.StaleReads();
        var command = new Command("explore", "Run scenarios until one fails. Exit code 1: one did.")
        {
            scenario, defect, schedules, seed, seconds, exhaustive, preemptions, staleReads,
        };
        command.SetAction(parsed =>
        {
            if (CommonOptions.Select(parsed.GetValue(scenario)) is not { } factories || !CommonOptions.TryActivate(parsed.GetValue(defect)))
                return 2;
            var limit = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            var bounds = new ExplorationBounds
            {
                MaxPreemptions = parsed.GetValue(preemptions),
                MaxStaleReads = parsed.GetValue(staleReads),
                MaxSchedules = parsed.GetResult(schedules) is { Implicit: false } ? parsed.GetValue(schedules) : long.MaxValue,
                TimeLimit = limit,
            };
            return Run(factories, factory => parsed.GetValue(exhaustive)
                ? Explorer.ExploreExhaustively(factory, bounds)
                : Explorer.ExploreRandomly(factory, parsed.GetValue(seed), parsed.GetValue(schedules), limit));
        });
        return command;
    }

    private static int Run(IReadOnlyList<Func<Scenario>> factories, Func<Func<Scenario>, ExplorationResult> explore)
    {
        foreach (Func<Scenario> factory in factories)
        {
            ExplorationResult result = explore(factory);
            string end = result.Failure is not null ? "FAILED" : result.IsComplete ? "complete within the bounds" : "no failure";
            Console.WriteLine($"{factory().Name,-40} {result.Schedules,10:N0} schedules {result.SchedulesPerSecond,9:N0}/s  {end}");
            if (result.Failure is null)
                continue;
            Console.WriteLine();
            Console.WriteLine(result.Failure);
            return 1;
        }

        return 0;
    }
}
