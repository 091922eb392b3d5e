using System.CommandLine;

namespace MmuNotifier.Benchmarks.Pauses;

/// <summary>The command line of <c>pauses</c>: how long a target with many mappings is stopped.</summary>
internal static class PausesCommand
{
    internal static Command Create()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long each target is mirrored.", DefaultValueFactory = _ => 12 };
        var command = new Command(
            "pauses",
            "The catch-up of the freezes of `mmun mirror` at 500, 5,000 and 32,000 mappings, beside what the kernel alone takes "
            + "to write the maps and to scan the page table. Needs cc.")
        {
            seconds,
        };
        command.SetAction(parsed => PausesBenchmark.Run(parsed.GetValue(seconds)));
        return command;
    }
}
