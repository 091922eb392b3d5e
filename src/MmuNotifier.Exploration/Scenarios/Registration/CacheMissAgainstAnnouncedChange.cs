namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>Memory is registered while a change of it is announced, and reported by another thread.</summary>
internal sealed class CacheMissAgainstAnnouncedChange : CacheScenario
{
    protected override IEnumerable<Action> Setup() => [Change, Use];

    private void Change()
    {
        ChangeAndAnnounce(0);
        GetAndPut(Both);
    }

    private void Use()
    {
        GetAndPut(Both);
        GetAndPut(Both);
    }
}
