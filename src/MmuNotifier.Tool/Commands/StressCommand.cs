using System.CommandLine;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.Hmm.Drivers.Stress;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun stress</c>.</summary>
internal static class StressCommand
{
    internal static Command Create()
    {
        var driver = new Option<string>("--driver")
        {
            Description = $"Which reference driver: {string.Join(", ", ReferenceDrivers.Names)}, or all.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "all",
        };
        driver.AcceptOnlyFromAmong([.. ReferenceDrivers.Names, "all"]);
        Option<string> backend = MemoryBackend.CreateOption();
        Option<int> seed = Numbers.Option("--seed", "What the threads do; the schedule stays the machine's.", 1, 0, int.MaxValue);
        Option<int> threads = Numbers.Option("--threads", "How many threads.", 4, 1, 64);
        Option<int> duration = Numbers.Option("--duration", "Seconds for each driver, at most.", 10, 1, 1_000_000);
        var operations = new Option<long?>("--operations")
        {
            Description = "Operations of all threads for each driver, at most. Without it, as many as the duration allows.",
            HelpName = "N",
        };
        operations.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < 1)
                result.AddError("--operations takes 1 or more.");
        });
        var command = new Command("stress", "Run accesses of a device, accesses of the CPU, changes of the address space and another "
            + "device that takes pages against each other, and check every access. Exit code 0: nothing is wrong; 1: an access was wrong; "
            + "2: it could not be done.")
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
