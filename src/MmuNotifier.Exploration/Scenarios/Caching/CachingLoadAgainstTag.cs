namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>The same by its tag.</summary>
internal sealed class CachingLoadAgainstTag() : CachingScenario(maxLoadAttempts: 2)
{
    protected override IEnumerable<Action> Setup() => [Load, ChangeAndRemoveByTag];

    private void Load()
    {
        LookUp();
        Peek();
        LookUp();
    }
}
