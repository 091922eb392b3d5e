namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>A hole is made and the rest kept, while the rest changes too.</summary>
internal sealed class CacheSplitAgainstInvalidation : CacheScenario
{
    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Both);
        return [MakeHole, ChangeRest];
    }

    private void MakeHole()
    {
        Change(0);
        GetAndPut(Page(1));
    }

    private void ChangeRest()
    {
        Change(1);
        GetAndPut(Page(1));
    }
}
