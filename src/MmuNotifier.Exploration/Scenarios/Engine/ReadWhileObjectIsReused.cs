using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A reader looks at an invalidation that ends and whose object is used for the next, which changes the page that is read.
/// </summary>
internal sealed class ReadWhileObjectIsReused : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [InvalidateTwice, Read];
    }

    private void InvalidateTwice()
    {
        Space.StartInvalidation(ScenarioDevice.Range(6, 7), InvalidationEvent.Unmap).Dispose();
        Device.Change(1);
    }

    private void Read() => _notifier.Mirror(1);
}
