using System.Text.RegularExpressions;

namespace MmuNotifier.Tests.Contract;

/// <summary>docs/contract.md has all items, and every scenario and test that it names exists.</summary>
public partial class ContractDocumentationTests
{
    private static readonly string s_contract = Documentation.Read("docs/contract.md");

    private static readonly string[] s_items = s_contract.Split("\n## ")[1..];

    [Fact]
    public void There_are_eighteen_items_in_order() => Assert.Equal(
        Enumerable.Range(1, 18).Select(number => $"{number}."),
        s_items.Select(item => item.Split(' ')[0]));

    [Fact]
    public void Every_item_names_scenarios_and_tests() => Assert.All(s_items, item =>
    {
        Assert.True(ScenariosOf(item).Length > 0 || item.Contains("\nScenarios: none;", StringComparison.Ordinal), item);
        Assert.NotEmpty(TestsOf(item));
    });

    [Fact]
    public void Every_scenario_exists()
    {
        string exploration = Documentation.Read("docs/exploration.md"); // Which has the scenarios there are: a test of the exploration.
        string[] missing =
            [.. s_items.SelectMany(ScenariosOf).Where(name => !exploration.Contains($"\n| {name} |", StringComparison.Ordinal))];
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_test_exists()
    {
        HashSet<string> tests = [.. typeof(ContractDocumentationTests).Assembly.GetTypes().SelectMany(
            type => type.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true)).Select(
                method => $"{type.Name}.{method.Name}"))];
        string[] missing = [.. s_items.SelectMany(TestsOf).Where(name => !tests.Contains(name))];
        Assert.Empty(missing);
    }

    private static string[] ScenariosOf(string item) => NamesIn(Part(item, "\nScenarios: ", "\nTests: "));

    private static string[] TestsOf(string item) => NamesIn(Part(item, "\nTests: ", "\n\n"));

    private static string Part(string item, string from, string to)
    {
        int start = item.IndexOf(from, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{from.Trim()} is missing in: {item}");
        int end = item.IndexOf(to, start + 1, StringComparison.Ordinal);
        return end < 0 ? item[start..] : item[start..end];
    }

    private static string[] NamesIn(string text) => [.. Name().Matches(text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
