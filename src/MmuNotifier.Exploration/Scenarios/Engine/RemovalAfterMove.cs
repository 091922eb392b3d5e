using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A notifier whose callback is due moves away and is removed: when Remove returns, the callback does not run and will not.</summary>
internal sealed class RemovalAfterMove : MirrorScenario
{
    private TracedNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = TracedNotifier.Inserted(Device, 1, 1, hasSecondStep: false);
        return [Invalidate, MoveAndRemove];
    }

    private void Invalidate() => Space.StartInvalidation(MirrorDevice.Range(0, 1), InvalidationEvent.Unmap).Dispose();

    private void MoveAndRemove()
    {
        _notifier.Move(MirrorDevice.Range(0, 0)); // Below where its hit is looked for if the move is forgotten.
        _notifier.RemoveAndFree();
    }
}
