using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A section on a notifier that is removed; then the page changes, and no notifier is called.</summary>
internal sealed class ReadAgainstRemoval : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        _notifier.Mirror(1);
        return [RemoveAndChange, Read];
    }

    private void RemoveAndChange()
    {
        _notifier.RemoveAndForget();
        Explore.Assert(_notifier.ReadBeginNoWait().Status == ReadStatus.Removed, "a section begins on a removed notifier");
        Device.Change(1);
    }

    private void Read()
    {
        _notifier.Mirror(1);
        _notifier.Mirror(1);
    }
}
