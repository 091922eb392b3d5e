using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A notifier is found and held, called back, and removed: Released comes once, after the hold and the callback, and Synchronize waits for
/// it.
/// </summary>
internal sealed class DeferredRemovalFindSynchronize : MirrorScenario
{
    private ReleasedNotifier _notifier = null!;

    public override void Check() => Explore.Assert(_notifier.Releases == 1, $"Released came {_notifier.Releases} times");

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new ReleasedNotifier(Device);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 1));
        return [Invalidate, Find, Remove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap).Dispose();

    private void Find()
    {
        foreach (FoundNotifier found in Space.Find(AddressRange.Whole))
        {
            _notifier.Holds++;
            Explore.Assert(_notifier.Releases == 0, "a released notifier is found");
            found.RemoveDeferred();
            _notifier.Holds--;
        }
    }

    private void Remove()
    {
        _notifier.RemoveDeferred();
        Space.Synchronize();
        Explore.Assert(_notifier.Releases == 1, "Synchronize returned before Released");
    }
}
