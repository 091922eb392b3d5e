using System.CommandLine;
using MmuNotifier.Exploration.Scenarios;

namespace MmuNotifier.Exploration.Commands;

/// <summary>list: the scenarios and defects there are.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List the scenarios and the seeded defects.");
        command.SetAction(_ =>
        {
            Func<Scenario>[] scenarios = [.. ScenarioRegistry.Engine, .. ScenarioRegistry.Cache, .. ScenarioRegistry.Caching];
            foreach (Func<Scenario> factory in scenarios)
                Console.WriteLine($"scenario {factory().Name}");
            foreach (Func<Scenario> factory in ScenarioRegistry.Litmus)
                Console.WriteLine($"litmus   {factory().Name}");
            foreach (SeededDefect defect in Enum.GetValues<SeededDefect>())
            {
                if (defect != SeededDefect.None)
                    Console.WriteLine($"defect   {defect}");
            }
        });
        return command;
    }
}
