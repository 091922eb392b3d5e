using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// As <see cref="ReadAgainstInvalidation"/>, but the notifier is open to begin with, and two invalidations come one after the other.
/// </summary>
internal sealed class OpenReadAgainstInvalidations : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        _notifier.Mirror(1);
        return [InvalidateTwice, Read];
    }

    private void InvalidateTwice()
    {
        Device.Change(1);
        Device.Change(0, 1);
    }

    private void Read() => _notifier.Mirror(1);
}
