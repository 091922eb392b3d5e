using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A section on a notifier that is just being inserted into a range that is being invalidated.</summary>
internal sealed class ReadAgainstInsert : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new ScenarioNotifier(Device);
        return [Invalidate, Insert, Read];
    }

    private void Invalidate() => Device.Change(1);

    private void Insert() => Space.Insert(_notifier, ScenarioDevice.Range(0, 1));

    private void Read()
    {
        if (_notifier.Space is not null)
            _notifier.Mirror(1);
    }
}
