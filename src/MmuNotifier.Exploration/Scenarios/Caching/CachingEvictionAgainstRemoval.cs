namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>A value is evicted by another one, removed and looked up.</summary>
internal sealed class CachingEvictionAgainstRemoval() : CachingScenario(sizeLimit: 1)
{
    protected override IEnumerable<Action> Setup()
    {
        LookUp();
        return [Evict, ChangeAndRemove, Peek];
    }

    private void Evict() => Cache.Set("c", 0L);
}
