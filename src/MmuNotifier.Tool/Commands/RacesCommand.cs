using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MmuNotifier.Tool.Races;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun races</c>.</summary>
internal static class RacesCommand
{
    private static readonly (string Name, Func<long, RaceResult> Run)[] s_races =
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
        Option<int> iterations = Numbers.Option("--iterations", "Changes of the memory in each race.", 10_000, 1, 1_000_000_000);
        Option<int> load = Numbers.Option("--load", "Threads that keep the processors busy meanwhile.", 0, 0, 1024);
        var json = new Option<bool>("--json") { Description = "One JSON object a line: name, iterations, hits, stale." };
        var command = new Command(
            "races",
            "Race the registration cache against changes of memory: R1, the address is used again while its munmap is in flight (by mmap, "
                + "or by mremap: R1-grow, R1-move); R2, madvise(DONTNEED); R3, munmap and mmap; R4, shmat over it, which has no event. "
                + "Exit code 0: no registration was stale; 1: one was; 2: it could not be done.")
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
        foreach ((string name, Func<long, RaceResult> run) in s_races)
        {
            RaceResult result;
            try
            {
                result = run(iterations);
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException)
            {
                Console.Error.WriteLine($"mmun: {name}: {exception.Message}");
                return ExitCodes.Impossible;
            }

            stale += result.Stale;
            Console.WriteLine(json
                ? JsonSerializer.Serialize(result, RaceJson.Default.RaceResult)
                : string.Create(
                    CultureInfo.InvariantCulture, $"{result.Name}: {result.Iterations} changes, {result.Hits} hits, {result.Stale} stale"));
        }

        return stale == 0 ? ExitCodes.Success : ExitCodes.Differs;
    }
}
