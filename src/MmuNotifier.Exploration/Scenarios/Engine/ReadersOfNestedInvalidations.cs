using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>Two readers with different requests wait while one thread ends two invalidations, the newest first.</summary>
internal sealed class ReadersOfNestedInvalidations : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [Invalidate, ReadAll, ReadPart];
    }

    private void Invalidate()
    {
        using (Space.StartInvalidation(ScenarioDevice.Page(0), InvalidationEvent.Unmap))
            Device.Change(1);
    }

    private void ReadAll() => _notifier.Mirror(1);

    private void ReadPart() => _notifier.MirrorPart(0);
}
