using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A remover takes a hit back in an invalidation that ends, and whose object is used for the next one: of that it must not take the hit at
/// the same place, which is another notifier's.
/// </summary>
internal sealed class RemovalWhileHitsAreReused : MirrorScenario
{
    private TracedNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        Insert(0, 0);
        _notifier = TracedNotifier.Inserted(Device, 1, 1, hasSecondStep: false);
        Insert(4, 4);
        Insert(5, 5);
        Device.Fill(4, 5);
        return [InvalidateTwice, Remove];
    }

    private void InvalidateTwice()
    {
        Space.StartInvalidation(ScenarioDevice.Range(0, 1), InvalidationEvent.Unmap).Dispose();
        Device.Change(4, 5);
    }

    private void Remove() => _notifier.RemoveAndFree();
}
