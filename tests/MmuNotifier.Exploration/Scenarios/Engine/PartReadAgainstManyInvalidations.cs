using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A section over one page while so many invalidations meet the notifier elsewhere that the log's entry of the one that counts is written again.
/// </summary>
internal sealed class PartReadAgainstManyInvalidations : MirrorScenario
{
    private MirrorNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 7);
        _notifier.MirrorPart(1);
        for (int i = 0; i < InvalidationLog.Capacity - 2; i++)
            InvalidateElsewhere();
        return [Invalidate, Read];
    }

    private void Invalidate()
    {
        Device.Change(1);
        for (int i = 0; i < InvalidationLog.Capacity + 1; i++)
            InvalidateElsewhere();
    }

    private void InvalidateElsewhere() => Space.StartInvalidation(MirrorDevice.Page(6), InvalidationEvent.Unmap).Dispose();

    private void Read() => _notifier.MirrorPart(1);
}
