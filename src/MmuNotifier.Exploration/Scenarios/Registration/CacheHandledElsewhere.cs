namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// One thread has a change reported; another, which trusts the stamp that the first has handled, must see what the report marked.
/// </summary>
internal sealed class CacheHandledElsewhere : CacheScenario
{
    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Both);
        return [ChangeAndUse, UseTwice];
    }

    private void ChangeAndUse()
    {
        ChangeAndAnnounce(0);
        GetAndPut(Page(1));
    }

    private void UseTwice()
    {
        GetAndPut(Both);
        GetAndPut(Both);
    }
}
