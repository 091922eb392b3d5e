using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A start that may not block is refused by the second notifier: the second step of the first runs, whole-space pairs are completed, and
/// readers that waited continue, although nothing ends.
/// </summary>
internal sealed class NonBlockableRefusal : MirrorScenario
{
    private readonly PairingNotifier _pairing = new();
    private TracedNotifier _first = null!;

    public override void Check()
    {
        Explore.Assert(_first.Calls == 1 && _first.SecondSteps == 1, "the second step that was taken did not run");
        Explore.Assert(_pairing.Open == 0, "a whole-space start has no end");
        Explore.Assert(_first.ReadBeginNoWait().Status == ReadStatus.Open, "something was left open");
    }

    protected override IEnumerable<Action> Setup()
    {
        _first = TracedNotifier.Inserted(Device, 0, 1, hasSecondStep: true);
        Space.Insert(new RefusingNotifier(Device), ScenarioDevice.Range(2, 3));
        return [Start, Read, Register];
    }

    private void Start()
    {
        bool isStarted = Space.TryStartInvalidation(ScenarioDevice.Range(1, 2), InvalidationEvent.Unmap, out _);
        Explore.Assert(!isStarted, "the start was not refused");
        Explore.Assert(!_first.HasSecondStepDue, "a second step is due although the start has returned");
    }

    private void Read()
    {
        ReadSection section = _first.ReadBegin();
        Explore.Assert(section.Status == ReadStatus.Open, $"the section is {section.Status}");
    }

    private void Register() => Space.Insert(_pairing);
}
