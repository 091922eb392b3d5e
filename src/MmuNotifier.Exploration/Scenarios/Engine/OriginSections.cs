using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A device migrates a page in the section that reads it, and commits all the same; another does so at the same time, with an origin of its
/// own.
/// </summary>
internal sealed class OriginSections : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        _notifier.MirrorPart(0);
        return [MigrateAndMirror, MigrateAndMirror];
    }

    private void MigrateAndMirror()
    {
        var origin = new InvalidationOrigin();
        ReadSection section = _notifier.ReadBegin(ScenarioDevice.Page(1), origin);
        if (section.Status != ReadStatus.Open)
            return;
        InvalidationScope scope = Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Migrate, owner: null, origin);
        Device.BeginOwnChange(1);
        using (Device.Lock.Hold())
        {
            if (!section.MustRetry)
            {
                Explore.Assert(!Device.IsChangingTwice(1), "a section committed in the change of another");
                _notifier.Commit(1, Device.Contents(1), isInOwnChange: true);
            }
        }

        Device.EndOwnChange(1);
        scope.Dispose();
    }
}
