namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>A kept registration is used while its memory changes and it is released.</summary>
internal sealed class CacheHitAgainstInvalidation : CacheScenario
{
    protected override bool LeavesNothingToSettle => true;

    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Both);
        return [ChangeAndSettle, Use];
    }

    private void ChangeAndSettle()
    {
        Change(0);
        Cache.DoSignalledWork();
    }

    private void Use()
    {
        GetAndPut(Both);
        GetAndPut(Both);
    }
}
