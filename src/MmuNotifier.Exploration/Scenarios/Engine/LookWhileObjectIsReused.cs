using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// Two invalidations, one after the other with the same object, on either side of a notifier: a look that mixes their bounds must not find
/// one that meets it.
/// </summary>
internal sealed class LookWhileObjectIsReused : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(3, 4);
        return [InvalidateBothSides, Look];
    }

    private void InvalidateBothSides()
    {
        Space.StartInvalidation(ScenarioDevice.Range(0, 1), InvalidationEvent.Unmap).Dispose();
        Space.StartInvalidation(ScenarioDevice.Range(6, 7), InvalidationEvent.Unmap).Dispose();
    }

    private void Look() =>
        Explore.Assert(_notifier.ReadBeginNoWait().Status == ReadStatus.Open, "a section does not begin, and nothing meets its notifier");
}
