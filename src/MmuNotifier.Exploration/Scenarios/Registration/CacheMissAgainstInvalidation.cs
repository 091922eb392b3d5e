namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>Memory is registered while it changes; afterwards what was kept is used.</summary>
internal sealed class CacheMissAgainstInvalidation : CacheScenario
{
    protected override IEnumerable<Action> Setup() => [Change, Use];

    private void Change() => Change(0);

    private void Use()
    {
        GetAndPut(Both);
        GetAndPut(Both);
    }
}
