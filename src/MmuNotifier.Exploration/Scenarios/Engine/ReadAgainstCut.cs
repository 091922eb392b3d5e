using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A section over a part that is cut out by the callback of its unmapping, and one over what is left beside it.</summary>
internal sealed class ReadAgainstCut : MirrorScenario
{
    private CuttingNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new CuttingNotifier(Device, usesBatch: false);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 2));
        Device.Fill(0, 2);
        _notifier.MirrorPart(0);
        return [Unmap, Read];
    }

    private void Unmap() => Device.Change(1);

    private void Read()
    {
        _notifier.MirrorPart(1);
        _notifier.MirrorPart(0);
    }
}
