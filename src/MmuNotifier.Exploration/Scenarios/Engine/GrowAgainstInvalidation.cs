using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A notifier grows into a range that is being invalidated; a reader names a page of it, and must not begin too early, also not
/// because it just opened the notifier by another page.
/// </summary>
internal sealed class GrowAgainstInvalidation : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 0);
        _notifier.MirrorPart(0);
        return [Invalidate, Grow, Read];
    }

    private void Invalidate() => Device.Change(1);

    private void Grow() => _notifier.Move(ScenarioDevice.Range(0, 1));

    private void Read()
    {
        _notifier.MirrorPart(0);
        _notifier.MirrorPart(1);
    }
}
