namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>Two threads remove the same tag; each removal that has returned counts.</summary>
internal sealed class CachingTwoRemovalsOfOneTag() : CachingScenario
{
    protected override IEnumerable<Action> Setup()
    {
        LookUp();
        return [ChangeRemoveAndPeek, RemoveByTag];
    }

    private void ChangeRemoveAndPeek()
    {
        ChangeAndRemoveByTag();
        Peek();
    }

    private void RemoveByTag() => Cache.RemoveByTag(Tag);
}
