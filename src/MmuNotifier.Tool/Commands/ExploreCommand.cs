extern alias exploration;
using System.CommandLine;
using exploration::MmuNotifier.Exploration;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun explore</c>.</summary>
internal static class ExploreCommand
{
    internal static Command Create()
    {
        var driver = new Option<string>("--driver")
        {
            Description = "The reference driver whose schedules are explored, or all.",
            HelpName = "NAME|all",
            DefaultValueFactory = _ => "all",
        };
        driver.AcceptOnlyFromAmong([.. DriverExploration.Drivers, "all"]);
        var schedules = new Option<long?>("--schedules")
        {
            Description = "Random schedules a scenario, at most. Without it 500; 20,000 for seeded defects; no limit with --preemptions.",
            HelpName = "N",
        };
        var seed = new Option<ulong>("--seed") { Description = "Of the random schedules.", HelpName = "S", DefaultValueFactory = _ => 1 };
        var preemptions = new Option<int?>("--preemptions")
        {
            Description = "All schedules with at most so many preemptions, instead of random ones.",
            HelpName = "N",
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "Time limit a scenario.",
            HelpName = "N",
            DefaultValueFactory = _ => 60,
        };
        var defect = new Option<string?>("--defect")
        {
            Description = "Explore the driver with this step broken, and print the schedule that shows it (--list has the names).",
            HelpName = "NAME",
        };
        var defects = new Option<bool>("--defects") { Description = "Explore every seeded defect; each must be found." };
        var replay = new Option<string?>("--replay") { Description = "Run one schedule again, as a failure prints it.", HelpName = "TEXT" };
        var list = new Option<bool>("--list") { Description = "List the drivers with their scenarios and seeded defects." };
        var verbose = new Option<bool>("--verbose")
        {
            Description = "Show each access of shared memory in timelines, not only the steps that have a name.",
        };
        var command = new Command("explore", "Explore the schedules of the reference drivers on the simulated address space. Exit code 0: "
            + "as expected (the right drivers show no fault, the broken ones are found); 1: not; 2: bad use.")
        {
            driver, schedules, seed, preemptions, seconds, defect, defects, replay, list, verbose,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(schedules) is not null && result.GetValue(schedules) < 1)
                || (result.GetResult(preemptions) is not null && result.GetValue(preemptions) < 0)
                || (result.GetResult(seconds) is { Implicit: false } && !(result.GetValue(seconds) > 0)))
            {
                result.AddError("--schedules takes 1 or more, --preemptions 0 or more, --seconds more than 0.");
            }
        });
        command.SetAction(parsed => ExploreRun.Execute(new ExploreOptions
        {
            Drivers = parsed.GetValue(driver) == "all" ? DriverExploration.Drivers : [parsed.GetValue(driver)!],
            Schedules = parsed.GetValue(schedules),
            Seed = parsed.GetValue(seed),
            Preemptions = parsed.GetValue(preemptions),
            TimeLimit = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            Defect = parsed.GetValue(defect),
            AllDefects = parsed.GetValue(defects),
            Replay = parsed.GetValue(replay),
            IsList = parsed.GetValue(list),
            IsVerbose = parsed.GetValue(verbose),
        }));
        return command;
    }
}
