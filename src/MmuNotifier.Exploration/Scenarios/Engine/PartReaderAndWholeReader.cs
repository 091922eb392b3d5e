using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A section over one page can begin while another page of the notifier changes; that must not let one over all begin.</summary>
internal sealed class PartReaderAndWholeReader : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 7);
        _notifier.MirrorPart(1);
        return [Invalidate, ReadPart, ReadAll];
    }

    private void Invalidate() => Device.Change(6);

    private void ReadPart() => _notifier.MirrorPart(1);

    private void ReadAll() => _notifier.Mirror(6);
}
