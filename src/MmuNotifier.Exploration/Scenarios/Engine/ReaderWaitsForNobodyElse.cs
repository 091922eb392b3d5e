using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A reader meets an invalidation, whose object is then used for one that does not meet its notifier and does not end before it has read:
/// it must not wait for that.
/// </summary>
internal sealed class ReaderWaitsForNobodyElse : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private bool _hasRead;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [InvalidateTwice, Read];
    }

    private void InvalidateTwice()
    {
        Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap).Dispose();
        using (Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Unmap))
            Explore.WaitUntil(() => _hasRead);
    }

    private void Read()
    {
        _notifier.ReadBegin();
        _hasRead = true;
    }
}
