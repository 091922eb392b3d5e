using MmuNotifier.Growth;

namespace MmuNotifier.Exploration.Tests;

/// <summary>No operation of the engine grows beyond its rule, counted in steps: docs/growth.md.</summary>
public sealed class GrowthTests(ITestOutputHelper output)
{
    private const int Smallest = 64;
    private const int SmallestKept = 512;

    public static TheoryData<string> Rows => [.. GrowthRows.All.Select(row => row.Name)];

    public static TheoryData<string> Kept => [.. KeptRows.All.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Steps_grow_no_faster_than_the_rule(string name)
    {
        GrowthRow row = GrowthRows.All.Single(each => each.Name == name);
        GrowthCosts steps = StepCounting.Measure(row, Smallest);
        string costs = string.Join(", ", steps.Costs.Select(cost => $"{cost:f1}"));
        output.WriteLine($"{name}: {costs} steps each, exponent {steps.Exponent:f2}");
        Assert.True(
            steps.IsWithin(row.Exponent),
            $"{name}: {costs} steps each at n = {Smallest} to {8 * Smallest}, exponent {steps.Exponent:f2}, rule {row.Exponent}");
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_is_over_is_not_kept(string name)
    {
        KeptRow row = KeptRows.All.Single(each => each.Name == name);
        GrowthCosts kept = KeptBytes.Measure(row, SmallestKept);
        string costs = string.Join(", ", kept.Costs.Select(cost => $"{cost / 1024:f0}"));
        output.WriteLine($"{name}: {costs} KiB, exponent {kept.Exponent:f2}");
        Assert.True(
            kept.IsWithin(row.Exponent),
            $"{name}: {costs} KiB at n = {SmallestKept} to {8 * SmallestKept}, exponent {kept.Exponent:f2}, rule {row.Exponent}");
    }

    [Theory]
    [InlineData(0, 10.0, 10.0, 10.0, 10.0)]
    [InlineData(0, 7.0, 8.0, 9.0, 10.0)]
    [InlineData(1, 10.0, 20.0, 40.0, 80.0)]
    [InlineData(2, 10.0, 40.0, 160.0, 640.0)]
    public void Exponent_is_that_of_the_costs(int exponent, params double[] costs)
    {
        var growth = new GrowthCosts(costs);
        Assert.True(growth.IsWithin(exponent));
        Assert.True(exponent == 0 || !growth.IsWithin(exponent - 1));
    }
}
