using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A notifier whose callback is due moves away and is removed: when Remove returns, neither the callback nor its second step runs or will.
/// </summary>
internal sealed class RemovalAfterMove(bool hasSecondStep) : MirrorScenario
{
    private TracedNotifier _notifier = null!;

    public override string Name => hasSecondStep ? "RemovalAfterMoveBeforeSecondStep" : "RemovalAfterMove";

    protected override IEnumerable<Action> Setup()
    {
        _notifier = TracedNotifier.Inserted(Device, 1, 1, hasSecondStep);
        return [Invalidate, MoveAndRemove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Range(0, 1), InvalidationEvent.Unmap).Dispose();

    private void MoveAndRemove()
    {
        _notifier.Move(ScenarioDevice.Range(0, 0)); // Below where its hit is looked for if the move is forgotten.
        _notifier.RemoveAndFree();
    }
}
