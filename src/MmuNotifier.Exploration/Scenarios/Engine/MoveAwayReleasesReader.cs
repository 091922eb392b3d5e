using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A reader waits for an invalidation that does not end before it has read: the move away from there releases it.</summary>
internal sealed class MoveAwayReleasesReader : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private bool _hasRead;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [Invalidate, Read, MoveAway];
    }

    private void Invalidate()
    {
        using (Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap))
            Explore.WaitUntil(() => _hasRead);
    }

    private void Read()
    {
        _notifier.ReadBegin();
        _hasRead = true;
    }

    private void MoveAway() => _notifier.Move(ScenarioDevice.Range(4, 5));
}
