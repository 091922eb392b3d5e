namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>A registration that is too large to be kept is made and its lease ended, while its range is removed.</summary>
internal sealed class CacheRemoveAgainstUncached() : CacheScenario(maxBytes: 1)
{
    protected override bool LeavesNothingToSettle => true;

    protected override IEnumerable<Action> Setup() => [Use, Remove];

    private void Use() => GetAndPut(Both);

    private void Remove() => Cache.Remove(Both);
}
