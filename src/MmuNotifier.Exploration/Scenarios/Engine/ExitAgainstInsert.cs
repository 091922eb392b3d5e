using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>The address space goes while notifiers come: each that was inserted sees one Release.</summary>
internal sealed class ExitAgainstInsert : MirrorScenario
{
    private readonly List<ScenarioNotifier> _inserted = [];

    public override void Check()
    {
        foreach (ScenarioNotifier notifier in _inserted)
            Explore.Assert(notifier.ReleaseCalls == 1, $"a notifier saw {notifier.ReleaseCalls} Releases");
    }

    protected override IEnumerable<Action> Setup()
    {
        _inserted.Add(Insert(4, 5));
        return [Exit, TryInsert, Exit];
    }

    private void Exit()
    {
        if (Space.Exit())
            Device.RequireNoEntry(1, "after exit");
    }

    private void TryInsert()
    {
        var notifier = new ScenarioNotifier(Device);
        if (!Space.TryInsert(notifier, ScenarioDevice.Range(0, 1)))
            return;
        _inserted.Add(notifier);
        notifier.Mirror(1);
    }
}
