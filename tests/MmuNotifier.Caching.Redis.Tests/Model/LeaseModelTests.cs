namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>docs/caching-redis.md has the rules. Every state of the small model is visited.</summary>
public sealed class LeaseModelTests(ITestOutputHelper output)
{
    public static TheoryData<LeaseRule> Rules => [.. Enum.GetValues<LeaseRule>().Where(rule => rule != LeaseRule.None)];

    [Fact]
    public void No_lookup_is_stale_with_all_rules()
    {
        (IReadOnlyList<string>? steps, int states) = Search(LeaseRule.None);
        output.WriteLine($"{states:N0} states");
        Assert.Null(steps);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_lookup_is_stale_without(LeaseRule rule)
    {
        (IReadOnlyList<string>? steps, int states) = Search(rule);
        output.WriteLine($"{states:N0} states until then");
        Assert.NotNull(steps);
        foreach (string step in steps)
            output.WriteLine(step);
    }

    private static (IReadOnlyList<string>? Steps, int States) Search(LeaseRule left) =>
        StateSearch.Run(new LeaseState(), new LeaseModel(left).Next, state => state.IsStale);
}
