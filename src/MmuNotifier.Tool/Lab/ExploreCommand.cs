extern alias exploration;
using System.CommandLine;
using exploration::MmuNotifier.Exploration;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Lab;

/// <summary>The command line of <c>mmun lab explore</c>.</summary>
internal static class ExploreCommand
{
    private static readonly TimeSpan s_standardLimit = TimeSpan.FromSeconds(60);

    internal static Command Create()
    {
        Option<string?> driver = Values.Word(
            "--driver",
            "The reference driver whose schedules are explored, or all.",
            standard: "all",
            "NAME",
            [.. DriverExploration.Drivers, "all"]);
        Option<long?> schedules = Values.OptionalNumber(
            "--schedules",
            "Random schedules a scenario, at most. Without it 500; 20,000 for seeded defects; no limit with --preemptions.",
            least: 1,
            most: long.MaxValue,
            "-n");
        Option<ulong> seed = Values.Number(
            "--seed", "Of the random schedules.", standard: 1UL, least: 0UL, most: ulong.MaxValue, "-s");
        Option<int?> preemptions = Values.OptionalNumber(
            "--preemptions", "All schedules with at most so many preemptions, instead of random ones.", least: 0, most: int.MaxValue);
        Option<TimeSpan?> seconds = Values.Time(
            "--seconds", "N", unitMilliseconds: 1000, s_standardLimit, "Time limit of each scenario.");
        var defect = new Option<string?>("--defect")
        {
            Description = "Explore the driver with this step broken, and print the schedule that shows it (--list has the names).",
            HelpName = "NAME",
        };
        var defects = new Option<bool>("--defects") { Description = "Explore every seeded defect; each must be found." };
        var replay = new Option<string?>("--replay") { Description = "Run one schedule again, as a failure prints it.", HelpName = "TEXT" };
        var list = new Option<bool>("--list", "-l") { Description = "List the drivers with their scenarios and seeded defects." };
        var verbose = new Option<bool>("--verbose", "-v")
        {
            Description = "Show each access of shared memory in timelines, not only the steps that have a name.",
        };
        var command = new ToolCommand(
            "explore",
            "Explore the schedules of the reference drivers on the simulated address space.",
            [
                new("mmun lab explore", "500 random schedules of every scenario of every driver"),
                new("mmun lab explore --driver svm --preemptions 2", "all schedules of one driver with at most two preemptions"),
                new("mmun lab explore --defects", "every seeded defect, with the schedule that shows it"),
            ],
            [
                new("0", "as expected: the right drivers show no fault, the broken ones do"),
                new("1", "a right driver shows a fault, or a broken one shows none"),
                ExitCodeLine.Refused,
                ExitCodeLine.Interrupted,
            ])
        {
            driver, schedules, seed, preemptions, seconds, defect, defects, replay, list, verbose,
        };
        command.SetAction(parsed => ExploreRun.Execute(new ExploreOptions
        {
            Drivers = parsed.GetValue(driver) == "all" ? DriverExploration.Drivers : [parsed.GetValue(driver)!],
            Schedules = parsed.GetValue(schedules),
            Seed = parsed.GetValue(seed),
            Preemptions = parsed.GetValue(preemptions),
            TimeLimit = parsed.GetValue(seconds) ?? s_standardLimit,
            Defect = parsed.GetValue(defect),
            AllDefects = parsed.GetValue(defects),
            Replay = parsed.GetValue(replay),
            IsList = parsed.GetValue(list),
            IsVerbose = parsed.GetValue(verbose),
        }));
        return command;
    }
}
