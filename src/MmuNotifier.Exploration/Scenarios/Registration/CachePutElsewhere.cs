using MmuNotifier.Registration;

namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>A lease ends on another thread than the one that took it, while the entry is retired and released.</summary>
internal sealed class CachePutElsewhere : CacheScenario
{
    private RegistrationLease<ModelRegistration> _lease;

    protected override bool LeavesNothingToSettle => true;

    protected override IEnumerable<Action> Setup()
    {
        _lease = Get(Both);
        return [ChangeAndSettle, Put];
    }

    private void ChangeAndSettle()
    {
        Change(0);
        Cache.DoSignalledWork();
    }

    private void Put()
    {
        _lease.Registration.Use();
        _lease.Dispose();
    }
}
