namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>What a change took out is released by the cache's thread, and another lease ends, while the cache is disposed.</summary>
internal sealed class CacheReleaseAgainstDispose() : CacheScenario(drainTimeout: TimeSpan.FromDays(1))
{
    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Page(0));
        GetAndPut(Page(1));
        return [ChangeAndSettle, Use, Dispose];
    }

    public override void Check() => RequireAllReleased("a registration is never released");

    private void ChangeAndSettle()
    {
        Change(0);
        Cache.DoSignalledWork();
    }

    private void Use()
    {
        try
        {
            GetAndPut(Page(1));
        }
        catch (ObjectDisposedException)
        {
        }

        Cache.DoSignalledWork(); // A hold that came too late is the cache's thread's to follow.
    }

    private void Dispose()
    {
        Cache.Dispose();
        RequireAllReleased("Dispose returns before all is released");
    }
}
