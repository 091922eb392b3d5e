namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>The same by a prefix that is a segment, and then by one that ends inside the next.</summary>
internal sealed class CachingLoadAgainstPrefix() : CachingScenario(maxLoadAttempts: 2)
{
    protected override IEnumerable<Action> Setup() => [Load, RemoveTwice];

    private void Load()
    {
        LookUp();
        Peek();
        LookUp();
    }

    private void RemoveTwice()
    {
        Change(() => Cache.RemoveByPrefix("a:"));
        Change(() => Cache.RemoveByPrefix(Key));
    }
}
