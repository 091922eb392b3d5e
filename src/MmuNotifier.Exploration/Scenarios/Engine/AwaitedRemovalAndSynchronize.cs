using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>Tasks wait for the removal of a notifier and for its release, against its callback.</summary>
internal sealed class AwaitedRemovalAndSynchronize : MirrorScenario
{
    private ReleasedNotifier _notifier = null!;

    public override void Check() => Explore.Assert(_notifier.Releases == 1, $"Released came {_notifier.Releases} times");

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new ReleasedNotifier(Device);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 1));
        return [Invalidate, Remove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(0), InvalidationEvent.Unmap).Dispose();

    private void Remove()
    {
        Task removal = _notifier.RemoveAsync();
        Task released = Space.SynchronizeAsync();
        Explore.WaitUntil(() => removal.IsCompleted);
        _notifier.RequireQuiet();
        Explore.WaitUntil(() => released.IsCompleted);
        Explore.Assert(_notifier.Releases == 1, "the barrier opened before Released");
    }
}
