using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A notifier that inherited a callback is removed: when Remove returns, that does not run and will not.</summary>
internal sealed class HeirIsRemoved : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [Invalidate, ReplaceAndRemove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap).Dispose();

    private void ReplaceAndRemove()
    {
        var heir = new TracedNotifier(Device, hasSecondStep: true);
        Space.Apply(new NotifierBatch().Remove(_notifier, ScenarioDevice.Range(0, 1)).Insert(heir, ScenarioDevice.Range(0, 1)));
        heir.RemoveAndFree();
    }
}
