using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A reader that two invalidations block continues when both have ended, in whatever order.</summary>
internal sealed class ReaderOfTwoInvalidations : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [ChangeFirst, ChangeSecond, Read];
    }

    private void ChangeFirst() => Device.Change(0);

    private void ChangeSecond() => Device.Change(1);

    private void Read()
    {
        ReadSection section = _notifier.ReadBegin();
        Explore.Assert(section.Status == ReadStatus.Open, $"the section is {section.Status}");
        _notifier.Mirror(1, section);
    }
}
