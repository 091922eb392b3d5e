using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A section over a page that the notifier moves away from; then the page changes, and the notifier is not called.</summary>
internal sealed class ReadAgainstMove : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        _notifier.Mirror(1);
        return [MoveAndChange, Read];
    }

    private void MoveAndChange()
    {
        _notifier.Move(ScenarioDevice.Range(0, 0));
        _notifier.GiveUp(1, 1);
        Device.Change(1);
    }

    private void Read()
    {
        ReadSection section = _notifier.ReadBegin();
        if (_notifier.Range.Contains(1))
            _notifier.Mirror(1, section);
    }
}
