using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A section while the address space goes: afterwards none begins, and none commits.</summary>
internal sealed class ReadAgainstExit : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        _notifier.Mirror(1);
        return [Exit, Read];
    }

    private void Exit()
    {
        Space.Exit();
        Device.RequireNoEntry(1, "after exit");
        _notifier.GiveUp(0, 1);
        Explore.Assert(_notifier.ReadBeginNoWait().Status == ReadStatus.Exited, "a section begins after exit");
    }

    private void Read()
    {
        _notifier.Mirror(1);
        _notifier.Mirror(1);
    }
}
