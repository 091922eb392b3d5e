namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>The first Release disposes the cache, while another thread uses what is left.</summary>
internal sealed class CacheDisposeInRelease() : CacheScenario(drainTimeout: TimeSpan.FromDays(1))
{
    protected override IEnumerable<Action> Setup()
    {
        GetAndPut(Page(0));
        GetAndPut(Page(1));
        return [ChangeAndSettle, Use];
    }

    public override void Release(ModelRegistration registration, AddressRange range)
    {
        base.Release(registration, range);
        Cache.Dispose();
    }

    public override void Check()
    {
        Cache.DoSignalledWork();
        RequireAllReleased("a registration is never released");
    }

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
}
