using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>What a batch put over the bytes of a notifier with a callback due is itself replaced, before it is called.</summary>
internal sealed class InheritedTwice : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        Device.Fill(0, 1);
        return [Invalidate, ReplaceTwice];
    }

    private void Invalidate() => Device.Change(1);

    private void ReplaceTwice()
    {
        AddressRange range = ScenarioDevice.Range(0, 1);
        var heir = new ScenarioNotifier(Device);
        Space.Apply(new NotifierBatch().Remove(_notifier, range).Insert(heir, range));
        Space.Apply(new NotifierBatch().Remove(heir, range).Insert(new ScenarioNotifier(Device), range));
    }
}
