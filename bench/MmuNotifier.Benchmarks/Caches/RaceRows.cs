using System.Globalization;
using System.Text.Json;

namespace MmuNotifier.Benchmarks.Caches;

/// <summary>Stale hits of ours, by <c>mmun lab races</c>.</summary>
internal static class RaceRows
{
    internal static void Run(PeersRun run)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "mmun.dll");
        string output = Commands.Output(
            "dotnet", program, "lab", "races", "--json", "--iterations", run.Plan.RaceIterations.ToString(CultureInfo.InvariantCulture));
        foreach (Row row in Parse(output))
            run.Add(row);
    }

    /// <summary>The rows of what <c>mmun lab races --json</c> prints: one object a line.</summary>
    internal static IEnumerable<Row> Parse(string output)
    {
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            using JsonDocument race = JsonDocument.Parse(line);
            long stale = race.RootElement.GetProperty("stale").GetInt64();
            Goal goal = Goal.OursAtMost(0, "");
            yield return new Row
            {
                Name = PeersRowNames.Race(race.RootElement.GetProperty("name").GetString()!),
                N = 1,
                Unit = "stale",
                Ours = stale,
                Goal = goal,
                Reached = goal.IsReachedBy(stale),
                Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{race.RootElement.GetProperty("iterations").GetInt64()} changes, "
                        + $"{race.RootElement.GetProperty("hits").GetInt64()} hits"),
            };
        }
    }
}
