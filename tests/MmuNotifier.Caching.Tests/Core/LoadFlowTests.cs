namespace MmuNotifier.Caching.Tests.Core;

public sealed class LoadFlowTests
{
    [Fact]
    public void A_chain_of_loads_may_be_longer_than_a_stack()
    {
        const int count = 100_000;
        Load[] loads = [.. Enumerable.Range(0, count).Select(_ => NewLoad())];
        for (int i = 1; i < count; i++)
            Assert.True(LoadFlow.TryWait(loads[i - 1], loads[i]));
        Assert.True(LoadFlow.TryWait(NewLoad(), loads[0]));
        Assert.False(LoadFlow.TryWait(loads[^1], loads[0]));
        for (int i = 1; i < count; i++)
            LoadFlow.EndWait(loads[i - 1], loads[i]);
        Assert.True(LoadFlow.TryWait(loads[^1], loads[0]));
    }

    private static Load<int, int> NewLoad() => new(null!, default, [], 0, static (_, _) => ValueTask.FromResult(0));
}
