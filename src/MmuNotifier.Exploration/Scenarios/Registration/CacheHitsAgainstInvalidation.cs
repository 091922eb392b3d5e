namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>Two threads use a kept registration while it is retired and released.</summary>
internal sealed class CacheHitsAgainstInvalidation : CacheScenario
{
    protected override bool LeavesNothingToSettle => true;

    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Both);
        return [ChangeAndSettle, Use, Use];
    }

    private void ChangeAndSettle()
    {
        Change(0);
        Cache.DoSignalledWork();
    }

    private void Use() => GetAndPut(Both);
}
