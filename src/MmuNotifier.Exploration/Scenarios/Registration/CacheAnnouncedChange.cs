namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// A change is announced, and the next thread that gets reports it; the other one trusts the stamp that the first has handled.
/// </summary>
internal sealed class CacheAnnouncedChange : CacheScenario
{
    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Both);
        return [Change, Use, Use];
    }

    private void Change() => ChangeAndAnnounce(0);

    private void Use() => GetAndPut(Both);
}
