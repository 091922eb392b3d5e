using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A section over one page while that is changed, and then so many invalidations meet the notifier elsewhere that the log's entry of the
/// one that counts is written again, even while it is read. They are its owner's migrations: they call nobody back, so the driver lock,
/// which the reader holds then, does not keep them away.
/// </summary>
internal sealed class PartReadAgainstManyInvalidations : MirrorScenario
{
    private readonly object _owner = new();
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 7, _owner);
        _notifier.MirrorPart(1);
        return [Invalidate, Read];
    }

    private void Invalidate()
    {
        Device.Change(1);
        Explore.Uninterrupted(() =>
        {
            for (int i = 0; i < InvalidationLog.Capacity - 1; i++)
                MigrateElsewhere();
        });
        MigrateElsewhere();
    }

    private void MigrateElsewhere() => Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Migrate, _owner).Dispose();

    private void Read() => _notifier.MirrorPart(1);
}
