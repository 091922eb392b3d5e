using System.CommandLine;

namespace MmuNotifier.Benchmarks.Cores;

/// <summary>The command line of <c>core-side</c>: the .NET process whose cores <c>core</c> takes.</summary>
internal static class CoreSideCommand
{
    internal const string Name = "core-side";

    internal static Command Create()
    {
        var size = new Argument<int>("mib");
        var rate = new Argument<double>("pages-per-second");
        var command = new Command(Name, "The .NET target of `core`, which answers questions from standard input.") { size, rate };
        command.Hidden = true;
        command.SetAction(parsed => new ManagedMemory(parsed.GetValue(size), parsed.GetValue(rate)).Run());
        return command;
    }
}
