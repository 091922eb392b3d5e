using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>Two threads remove the same notifier, of which the second waits like the first, and a callback runs.</summary>
internal sealed class TwoRemoversOneCallback : MirrorScenario
{
    private TracedNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = TracedNotifier.Inserted(Device, 0, 1, hasSecondStep: false);
        return [Invalidate, Remove, Remove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap).Dispose();

    private void Remove() => _notifier.RemoveAndFree();
}
