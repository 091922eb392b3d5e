using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A section over one page, while one invalidation after the other meets the notifier: elsewhere, there, and elsewhere again. Precise retry
/// must not overlook the one that counts.
/// </summary>
internal sealed class PartReadAgainstInvalidations : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 7);
        _notifier.MirrorPart(1);
        return [InvalidateThrice, Read];
    }

    private void InvalidateThrice()
    {
        Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Unmap).Dispose();
        Device.Change(1);
        Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Unmap).Dispose();
    }

    private void Read() => _notifier.MirrorPart(1);
}
