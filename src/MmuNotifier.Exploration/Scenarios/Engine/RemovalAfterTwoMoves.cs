using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>Two invalidations may meet a notifier at two places that it moves away from, before it is removed.</summary>
internal sealed class RemovalAfterTwoMoves : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(1, 1);
        return [InvalidateFirst, InvalidateSecond, MoveTwiceAndRemove];
    }

    private void InvalidateFirst() => Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap).Dispose();

    private void InvalidateSecond() => Space.StartInvalidation(ScenarioDevice.Page(3), InvalidationEvent.Unmap).Dispose();

    private void MoveTwiceAndRemove()
    {
        _notifier.Move(ScenarioDevice.Page(3));
        _notifier.Move(ScenarioDevice.Page(5));
        _notifier.RemoveAndForget();
    }
}
