using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A start is refused while the third notifier, which is not called any more, and the first, whose second step is due, are removed.
/// </summary>
internal sealed class RefusalAgainstRemoval : MirrorScenario
{
    private TracedNotifier _first = null!;
    private TracedNotifier _third = null!;

    public override void Check() =>
        Explore.Assert(_first.Calls == _first.SecondSteps && _third.Calls == 0, "calls and second steps differ");

    protected override IEnumerable<Action> Setup()
    {
        _first = TracedNotifier.Inserted(Device, 0, 0, hasSecondStep: true);
        Space.Insert(new RefusingNotifier(Device), ScenarioDevice.Range(1, 1));
        _third = TracedNotifier.Inserted(Device, 2, 2, hasSecondStep: true);
        return [Start, Remove];
    }

    private void Start() => Space.TryStartInvalidation(ScenarioDevice.Range(0, 2), InvalidationEvent.Unmap, out _);

    private void Remove()
    {
        _third.RemoveAndFree();
        _first.RemoveAndFree();
    }
}
