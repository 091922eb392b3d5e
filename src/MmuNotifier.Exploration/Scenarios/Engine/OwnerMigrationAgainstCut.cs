using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// The owner of a notifier migrates a page, so its notifier is not called, while another thread cuts the notifier in two: the pieces'
/// sections wait for the migration or retry.
/// </summary>
internal sealed class OwnerMigrationAgainstCut : MirrorScenario
{
    private readonly object _owner = new();
    private ScenarioNotifier _notifier = null!;
    private ScenarioNotifier? _right;

    public override void Check()
    {
        Explore.Assert(_notifier.Calls == 0 && _right!.Calls == 0, "a notifier of the owner was called");
        Explore.Assert(_notifier.Range == ScenarioDevice.Range(0, 1) && _right.Range == ScenarioDevice.Range(3, 4), "the pieces are wrong");
    }

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 4, _owner);
        _notifier.Mirror(0);
        return [Migrate, CutAndRead];
    }

    private void Migrate()
    {
        // The owner forgets its own entries, once the start has closed the sections.
        InvalidationScope scope = Space.StartInvalidation(ScenarioDevice.Page(3), InvalidationEvent.Migrate, _owner);
        using (Device.Lock.Hold())
            Device.Forget(ScenarioDevice.Page(3));
        Device.BeginChange(3, 3);
        Device.EndChange(3, 3);
        scope.Dispose();
    }

    private void CutAndRead()
    {
        _notifier.Mirror(3);
        _notifier.Cut(ScenarioDevice.Page(2), () => _right = new ScenarioNotifier(Device, _owner));
        _right!.Mirror(3);
    }
}
