using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MmuNotifier.Tool.CommandLine;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Races;

namespace MmuNotifier.Tool.Lab;

/// <summary>The command line of <c>mmun lab races</c>.</summary>
internal static class RacesCommand
{
    private static readonly (string Name, Func<RaceRun, RaceResult> Run)[] s_races =
    [
        ("R1", ReuseRace.Map),
        ("R1-grow", ReuseRace.Grow),
        ("R1-move", ReuseRace.Move),
        ("R2", ChangeRace.DropPages),
        ("R3", ChangeRace.MapAgain),
        ("R4", ChangeRace.MapOverWithoutEvent),
    ];

    internal static Command Create()
    {
        Option<int> iterations = Values.Number(
            "--iterations", "Changes of the memory in each race.", standard: 10_000, least: 1, most: 1_000_000_000, "-n");
        Option<int> load = Values.Number(
            "--load", "Threads that keep the processors busy meanwhile.", standard: 0, least: 0, most: 1024);
        var json = new Option<bool>("--json", "-j") { Description = "One JSON object a line: name, iterations, hits, stale." };
        var command = new ToolCommand(
            "races",
            "Race the registration cache against changes of memory.",
            [
                new("mmun lab races", "10,000 changes in each race"),
                new("mmun lab races -n 100000 --load 2 -j", "more of them, on busy processors, as JSON"),
            ],
            [new("0", "no registration was stale"), new("1", "a registration was stale"), ExitCodeLine.Refused, ExitCodeLine.Interrupted],
            "R1: the address is used again while its munmap is in flight, by mmap or by mremap (R1-grow, R1-move). R2: madvise(DONTNEED). "
                + "R3: munmap and mmap. R4: shmat over it, which has no event.")
        {
            iterations, load, json,
        };
        command.SetAction(parsed => Execute(parsed.GetValue(iterations), parsed.GetValue(load), parsed.GetValue(json)));
        return command;
    }

    private static int Execute(long iterations, int load, bool json)
    {
        long stale = 0;
        using var busy = new BusyThreads(load);
        using var interruption = new Interruption();
        foreach ((string name, Func<RaceRun, RaceResult> race) in s_races)
        {
            var run = new RaceRun(iterations, interruption.Asked);
            using ProgressLine? progress = ProgressLine.Begin(_ =>
                string.Create(CultureInfo.InvariantCulture, $"{name}: {run.Done:N0} of {iterations:N0} changes"));
            RaceResult result;
            try
            {
                result = race(run);
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException)
            {
                Console.Error.WriteLine($"mmun: {name}: {exception.Message}");
                return ExitCodes.Impossible;
            }

            stale += result.Stale;
            ProgressLine.Print(progress, json
                ? JsonSerializer.Serialize(result, RaceJson.Default.RaceResult)
                : string.Create(
                    CultureInfo.InvariantCulture, $"{result.Name}: {result.Iterations} changes, {result.Hits} hits, {result.Stale} stale"));
            if (interruption.Asked.IsCancellationRequested)
                break;
        }

        interruption.Report();
        return stale == 0 ? interruption.ExitCode : ExitCodes.Differs;
    }
}
