namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>Two threads look the same key up while it is removed: the second must not join a load from before the removal.</summary>
internal sealed class CachingJoinAgainstRemoval() : CachingScenario
{
    protected override IEnumerable<Action> Setup() => [LookUp, ChangeRemoveAndLookUp];

    private void ChangeRemoveAndLookUp()
    {
        ChangeAndRemove();
        LookUp();
    }
}
