using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A section over one page while an invalidation elsewhere in the notifier stays active, so that nobody can open it for all.
/// </summary>
internal sealed class PartReadWhileElsewhereIsActive : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 7);
        _ = Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Unmap);
        _notifier.MirrorPart(1);
        return [Invalidate, Read];
    }

    private void Invalidate() => Device.Change(1);

    private void Read() => _notifier.MirrorPart(1);
}
