namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>A value is loaded while its key is removed, set to what was true before, and removed again.</summary>
internal sealed class CachingLoadAgainstRemoveSetRemove() : CachingScenario(maxLoadAttempts: 2)
{
    protected override IEnumerable<Action> Setup() => [Load, RemoveSetAndRemove];

    private void Load()
    {
        LookUp();
        LookUp();
    }
}
