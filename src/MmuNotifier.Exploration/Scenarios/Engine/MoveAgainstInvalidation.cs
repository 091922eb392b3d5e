using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A notifier moves into a range that is being invalidated, while somebody reads through it.</summary>
internal sealed class MoveAgainstInvalidation : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(4, 5);
        _notifier.Mirror(4);
        return [Invalidate, MoveAndRead];
    }

    private void Invalidate() => Device.Change(1);

    private void MoveAndRead()
    {
        _notifier.Move(ScenarioDevice.Range(0, 1));
        _notifier.GiveUp(4, 5);
        _notifier.Mirror(1);
    }
}
