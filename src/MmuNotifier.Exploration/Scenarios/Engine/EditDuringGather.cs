using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// The border between two notifiers is moved while an invalidation that meets both gathers: the notifier that has a page when the start
/// returns, or had it before, was called for it.
/// </summary>
internal sealed class EditDuringGather : MirrorScenario
{
    private ScenarioNotifier _left = null!;
    private ScenarioNotifier _right = null!;

    protected override IEnumerable<Action> Setup()
    {
        _left = Insert(0, 1);
        _right = Insert(2, 3);
        Device.Fill(0, 3);
        return [Invalidate, MoveBorder];
    }

    private void Invalidate() => Device.Change(1, 2);

    private void MoveBorder() => Space.Apply(new NotifierBatch()
        .Move(_left, ScenarioDevice.Range(0, 1), ScenarioDevice.Range(0, 2))
        .Move(_right, ScenarioDevice.Range(2, 3), ScenarioDevice.Range(3, 3)));
}
