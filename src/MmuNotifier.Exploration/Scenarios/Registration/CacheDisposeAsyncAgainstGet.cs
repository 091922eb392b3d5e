using MmuNotifier.Registration;

namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// The cache is disposed asynchronously while one thread gets a registration and another ends a lease. The task completes after the last
/// release, and everything is released once.
/// </summary>
internal sealed class CacheDisposeAsyncAgainstGet() : CacheScenario(drainTimeout: TimeSpan.FromDays(1))
{
    private RegistrationLease<ModelRegistration> _lease;

    protected override IEnumerable<Action> Setup()
    {
        _lease = Get(Page(0));
        GetAndPut(Page(1));
        return [Use, Put, Dispose];
    }

    public override void Check() => RequireAllReleased("a registration is never released");

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

    private void Put()
    {
        _lease.Registration.Use();
        _lease.Dispose();
    }

    private void Dispose()
    {
        Task ended = Cache.DisposeAsync().AsTask();
        Explore.WaitUntil(() => ended.IsCompleted);
        RequireAllReleased("the task of DisposeAsync completes before all is released");
    }
}
