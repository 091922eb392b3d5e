using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A start is held up while it writes its entry of the log, and so many bumps later the one that counts needs that entry: a section over
/// its page must retry although it finds no entry. All others are the owner's migrations, which call nobody back.
/// </summary>
internal sealed class PartReadWhileEntryIsWritten : MirrorScenario
{
    private readonly object _owner = new();
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 7, _owner);
        _notifier.MirrorPart(1);
        return [MigrateElsewhere, Read, Invalidate];
    }

    private void MigrateElsewhere() => Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Migrate, _owner).Dispose();

    private void Read() => _notifier.MirrorPart(1);

    private void Invalidate() => Explore.Uninterrupted(() =>
    {
        for (int i = 0; i < InvalidationLog.Capacity - 1; i++)
            MigrateElsewhere();
        Device.Change(1);
    });
}
