using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A remover looks at an invalidation that ends, and whose object is used for the next one, which does not meet the notifier.
/// </summary>
internal sealed class RemovalWhileObjectIsReused : MirrorScenario
{
    private TracedNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = TracedNotifier.Inserted(Device, 0, 1, hasSecondStep: false);
        return [InvalidateTwice, Remove];
    }

    private void InvalidateTwice()
    {
        Space.StartInvalidation(ScenarioDevice.Range(0, 1), InvalidationEvent.Unmap).Dispose();
        Space.StartInvalidation(ScenarioDevice.Range(6, 7), InvalidationEvent.Unmap).Dispose();
    }

    private void Remove() => _notifier.RemoveAndFree();
}
