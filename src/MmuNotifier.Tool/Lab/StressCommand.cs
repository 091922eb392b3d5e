using System.CommandLine;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.Hmm.Drivers.Stress;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Lab;

/// <summary>The command line of <c>mmun lab stress</c>.</summary>
internal static class StressCommand
{
    internal static Command Create()
    {
        Option<string?> driver = Values.Word(
            "--driver",
            $"Which reference driver: {string.Join(", ", ReferenceDrivers.Names)}, or all.",
            standard: "all",
            "NAME",
            [.. ReferenceDrivers.Names, "all"]);
        Option<string?> backend = MemoryBackend.CreateOption();
        Option<int> seed = Values.Number(
            "--seed", "What the threads do; the schedule stays the machine's.", standard: 1, least: 0, most: int.MaxValue, "-s");
        Option<int> threads = Values.Number("--threads", "How many threads.", standard: 4, least: 1, most: 64, "-t");
        Option<int> duration = Values.Number(
            "--duration", "Seconds for each driver, at most.", standard: 10, least: 1, most: 1_000_000, "-d");
        Option<long?> operations = Values.OptionalNumber(
            "--operations",
            "Operations of all threads for each driver, at most. Without it, as many as the duration allows.",
            least: 1,
            most: long.MaxValue,
            "-n");
        var command = new ToolCommand(
            "stress",
            "Run the reference drivers under load, and check every access.",
            [
                new("mmun lab stress --driver svm -d 60", "one driver for a minute"),
                new("mmun lab stress -b linux -s 7", "every driver for ten seconds, on memory of this process, with another seed"),
            ],
            [new("0", "every access was right"), new("1", "an access was wrong"), ExitCodeLine.Refused, ExitCodeLine.Interrupted],
            "Accesses of a device, accesses of the CPU, changes of the address space and another device that takes pages run against each "
                + "other.")
        {
            driver, backend, seed, duration, operations, threads,
        };
        command.SetAction(parsed => StressRun.Execute(parsed.GetValue(driver)!, parsed.GetValue(backend)!, new StressOptions
        {
            Seed = parsed.GetValue(seed),
            Threads = parsed.GetValue(threads),
            Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)),
            Operations = parsed.GetValue(operations),
        }));
        return command;
    }
}
