namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>docs/caching-redis.md has the rules. Every state of the small model is visited.</summary>
public sealed class LevelModelTests(ITestOutputHelper output)
{
    public static TheoryData<LevelRule> Rules => [.. Enum.GetValues<LevelRule>().Where(rule => rule != LevelRule.None)];

    [Fact]
    public void Nothing_stale_is_kept_with_all_rules()
    {
        (IReadOnlyList<string>? steps, int states) = Search(LevelRule.None);
        output.WriteLine($"{states:N0} states");
        Assert.Null(steps);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Something_stale_is_kept_without(LevelRule rule)
    {
        (IReadOnlyList<string>? steps, int states) = Search(rule);
        output.WriteLine($"{states:N0} states until then");
        Assert.NotNull(steps);
        foreach (string step in steps)
            output.WriteLine(step);
    }

    private static (IReadOnlyList<string>? Steps, int States) Search(LevelRule left) =>
        StateSearch.Run(new LevelState(), new LevelModel(left).Next, state => state.IsStale);
}
