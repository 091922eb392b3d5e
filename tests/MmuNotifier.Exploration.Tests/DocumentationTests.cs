using System.Runtime.CompilerServices;
using MmuNotifier.Exploration.Scenarios;

namespace MmuNotifier.Exploration.Tests;

/// <summary>docs/exploration.md lists what there is, in its order.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Table_of_defects_lists_them_all() => Assert.Equal(
        Enum.GetValues<SeededDefect>().Where(defect => defect != SeededDefect.None).Select(defect => defect.ToString()),
        FirstCells("| defect |"));

    [Fact]
    public void Table_of_scenarios_lists_them_all() => Assert.Equal(
        ScenarioRegistry.Engine.Select(factory => factory().Name),
        FirstCells("| scenario |"));

    [Fact]
    public void Table_of_cache_scenarios_lists_them_all() => Assert.Equal(
        ScenarioRegistry.Cache.Select(factory => factory().Name),
        FirstCells("| cache scenario |"));

    [Fact]
    public void Table_of_caching_scenarios_lists_them_all() => Assert.Equal(
        ScenarioRegistry.Caching.Select(factory => factory().Name),
        FirstCells("| caching scenario |"));

    [Fact]
    public void Table_of_mirror_scenarios_lists_them_all() => Assert.Equal(
        ScenarioRegistry.Mirroring.Select(factory => factory().Name),
        FirstCells("| mirror scenario |"));

    [Fact]
    public void Table_of_defects_names_the_scenario_that_is_run_for_each()
    {
        foreach (string[] cells in Rows("| defect |"))
        {
            SeededDefect defect = Enum.Parse<SeededDefect>(cells[0]);
            if (ScenarioRegistry.ByDefect.TryGetValue(defect, out string[]? names))
                Assert.Contains(cells[2], names);
            else
                Assert.StartsWith("outside the model", cells[2], StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> FirstCells(string head) => Rows(head).Select(cells => cells[0]);

    private static IEnumerable<string[]> Rows(string head, [CallerFilePath] string path = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(path)!, "../../docs/exploration.md"))
            .SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
}
