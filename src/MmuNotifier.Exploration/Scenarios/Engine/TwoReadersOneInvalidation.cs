using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>Two slow readers, who may both open the notifier, and an invalidation.</summary>
internal sealed class TwoReadersOneInvalidation : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [Invalidate, Read, Read];
    }

    private void Invalidate() => Device.Change(1);

    private void Read() => _notifier.Mirror(1);
}
