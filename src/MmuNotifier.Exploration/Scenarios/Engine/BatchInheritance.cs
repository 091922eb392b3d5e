using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A batch replaces a notifier by two, which take its entries over, while its callback is due or runs: the successors are called, so that
/// no entry is left when the start returns. Then the object of the invalidation is used again, for other pages.
/// </summary>
internal sealed class BatchInheritance : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private ScenarioNotifier _successor = null!;

    public override void Check() =>
        Explore.Assert(_successor.Calls <= 1, $"the successor was called {_successor.Calls} times for one invalidation");

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 3);
        _successor = new ScenarioNotifier(Device);
        Device.Fill(0, 3);
        return [InvalidateTwice, Replace];
    }

    private void InvalidateTwice()
    {
        Device.Change(1);
        Device.Change(6);
    }

    private void Replace() => Space.Apply(new NotifierBatch()
        .Remove(_notifier, ScenarioDevice.Range(0, 3))
        .Insert(_successor, ScenarioDevice.Range(0, 1))
        .Insert(new ScenarioNotifier(Device), ScenarioDevice.Range(2, 3)));
}
