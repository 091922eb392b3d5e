using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>
/// docs/caching-redis.md has the rules. Every state of the small model is visited, with one fault; MMUN_MODEL_FAULTS makes it more.
/// </summary>
public sealed class LeaseModelTests(ITestOutputHelper output)
{
    private static readonly int s_faults =
        int.TryParse(Environment.GetEnvironmentVariable("MMUN_MODEL_FAULTS"), CultureInfo.InvariantCulture, out int faults) ? faults : 1;

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
        StateSearch.Run(new LeaseState(), new LeaseModel(left, s_faults).Next, state => state.IsStale);
}
