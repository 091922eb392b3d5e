using System.CommandLine;
using System.Globalization;
using MmuNotifier.Exploration.Scenarios;
using MmuNotifier.Exploration.Scenarios.Litmus;
using Spectre.Console;

namespace MmuNotifier.Exploration.Commands;

/// <summary>defects: makes each seeded defect, one at a time, and shows which scenario catches it.</summary>
internal static class DefectsCommand
{
    public static Command Create()
    {
        Option<string?> defect = CommonOptions.Defect();
        Option<long> schedules = CommonOptions.Schedules(100_000);
        Option<ulong> seed = CommonOptions.Seed();
        Option<double> seconds = CommonOptions.Seconds("per defect", 60);
        var traces = new Option<bool>("--traces") { Description = "Show the failing schedule of each." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the rows of the table in docs/exploration.md." };
        var command = new Command(
            "defects", "Make each seeded defect, one at a time, and see that a scenario catches it. Exit code 1: one was not caught.")
        {
            defect, schedules, seed, seconds, traces, markdown,
        };
        command.SetAction(parsed =>
        {
            if (!CommonOptions.TryActivate(parsed.GetValue(defect)))
                return 2;
            SeededDefect[] defects = Seeded.Active != SeededDefect.None
                ? [Seeded.Active]
                : [.. Enum.GetValues<SeededDefect>().Where(each => each != SeededDefect.None)];
            var limit = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            List<DefectResult> results = [];
            foreach (SeededDefect each in defects)
            {
                IReadOnlyList<Func<Scenario>> scenarios = each == LitmusDefects.Weakened
                    ? ScenarioRegistry.Litmus
                    : ScenarioRegistry.For(each);
                DefectResult result = DefectSearch.Run(each, scenarios, parsed.GetValue(schedules), limit, parsed.GetValue(seed));
                results.Add(result);
                Console.Error.WriteLine($"{each}: {(result.Failure is null ? "not caught" : "caught")}");
                if (result.Failure is not null && parsed.GetValue(traces))
                    Console.WriteLine(result.Failure);
            }

            if (parsed.GetValue(markdown))
                results.ForEach(result => Console.WriteLine(Row(result)));
            else
                AnsiConsole.Write(Draw(results));
            return results.Exists(result => result.Failure is null && !ScenarioRegistry.OutsideTheModel.ContainsKey(result.Defect)) ? 1 : 0;
        });
        return command;
    }

    private static string Row(DefectResult result)
    {
        string caughtBy = result.Failure is { } failure
            ? $"{failure.Scenario} | {result.Schedules.ToString("N0", CultureInfo.InvariantCulture)}"

                : ScenarioRegistry.OutsideTheModel.TryGetValue(result.Defect, out string? reason)
                ? $"outside the model: {reason} | –"
                : "NOT CAUGHT | –";
        return $"| {result.Defect} | {caughtBy} |";
    }

    private static Table Draw(List<DefectResult> results)
    {
        Table table = new Table().AddColumns("defect", "caught by", "schedules", "replay --schedule", "as");
        foreach (DefectResult result in results)
        {
            string caughtBy = result.Failure?.Scenario
                ?? (ScenarioRegistry.OutsideTheModel.TryGetValue(result.Defect, out string? reason)
                    ? $"outside the model: {reason}"
                    : "NOT CAUGHT");
            string[] cells =
            [
                result.Defect.ToString(), caughtBy, result.Schedules.ToString("N0", CultureInfo.InvariantCulture),
                result.Failure?.Schedule ?? "", Shorten(result.Failure?.Message ?? ""),
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        return table;
    }

    private static string Shorten(string message)
    {
        string line = message.Split('\n')[0];
        return line.Length > 100 ? line[..100] + "…" : line;
    }
}
