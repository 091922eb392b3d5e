using System.CommandLine;
using MmuNotifier.Benchmarks.Growing;

namespace MmuNotifier.Benchmarks;

/// <summary>The command line of <c>growth</c>.</summary>
internal static class GrowthCommand
{
    internal static Command Create()
    {
        var rows = new Option<string?>("--rows") { Description = "Only the rows whose name contains this." };
        var smallest = new Option<int>("--smallest")
        {
            Description = "The smallest n; each row is measured at n, 2n, 4n and 8n.",
            DefaultValueFactory = _ => 1000,
        };
        var command = new Command(
            "growth",
            "How the cost of each operation grows, in steps, bytes and time. Exit code 1: one grows faster than its rule, docs/growth.md.")
        {
            rows, smallest,
        };
        command.SetAction(parsed => GrowthRun.Run(parsed.GetValue(rows) ?? "", parsed.GetValue(smallest)) ? 0 : 1);
        return command;
    }
}
