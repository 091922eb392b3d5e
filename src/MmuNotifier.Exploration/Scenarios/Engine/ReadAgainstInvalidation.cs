using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>The protocol itself: a page is read while it changes, first with the slow way to begin, then with the fast one.</summary>
internal sealed class ReadAgainstInvalidation : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        Device.Fill(1, 1);
        return [Invalidate, Read];
    }

    private void Invalidate() => Device.Change(1);

    private void Read()
    {
        _notifier.Mirror(1);
        _notifier.Mirror(1);
    }
}
