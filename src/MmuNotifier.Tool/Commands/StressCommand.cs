using System.CommandLine;
using MmuNotifier.Hmm.Drivers;

namespace MmuNotifier.Tool.Commands;

/// <summary>The command line of <c>mmun stress</c>.</summary>
internal static class StressCommand
{
    internal static Command Create()
    {
        var driver = new Option<string>("--driver") { Description = $"Which reference driver: {string.Join(", ", ReferenceDrivers.Names)}, or all.", HelpName = "NAME", DefaultValueFactory = _ => "all" };
        driver.AcceptOnlyFromAmong([.. ReferenceDrivers.Names, "all"]);
        var backend = new Option<string>("--backend") { Description = "The address space.", HelpName = "simulated", DefaultValueFactory = _ => "simulated" };
        backend.AcceptOnlyFromAmong("simulated");
        Option<int> seed = Numbers.Option("--seed", "What the threads do; the schedule stays the machine's.", 1, 0, int.MaxValue);
        Option<int> threads = Numbers.Option("--threads", "How many threads.", 4, 1, 64);
        Option<int> duration = Numbers.Option("--duration", "Seconds for each driver.", 10, 1, 1_000_000);
        var command = new Command("stress", "Run accesses of a device, accesses of the CPU and changes of the address space against each other, and check every access. Exit code 0: nothing is wrong; 1: an access was wrong; 2: it could not be done.")
        {
            driver, backend, seed, duration, threads,
        };
        command.SetAction(parsed => StressRun.Execute(
            parsed.GetValue(driver)!, parsed.GetValue(backend)!, parsed.GetValue(seed), parsed.GetValue(threads), TimeSpan.FromSeconds(parsed.GetValue(duration))));
        return command;
    }
}
