namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>A value is loaded and looked up while its key is removed.</summary>
internal sealed class CachingLoadAgainstRemoval() : CachingScenario(maxLoadAttempts: 2)
{
    protected override IEnumerable<Action> Setup() => [Load, ChangeAndRemove];

    private void Load()
    {
        LookUp();
        Peek();
        LookUp();
    }
}
