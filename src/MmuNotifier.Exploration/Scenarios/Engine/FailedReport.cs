using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>The callback of a report throws: the notifier may have entries left, so its sections retry until it is removed.</summary>
internal sealed class FailedReport : MirrorScenario
{
    private Throwing _notifier = null!;
    private bool _hasReturned;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new Throwing(Device);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 1));
        _notifier.Mirror(0);
        return [Report, Read];
    }

    private void Report()
    {
        InvalidationScope scope = Space.ReportInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap);
        using (Device.Lock.Hold())
            _hasReturned = true;
        scope.Dispose();
    }

    private void Read()
    {
        bool hasReturned;
        using (Device.Lock.Hold())
            hasReturned = _hasReturned;
        ReadSection section = _notifier.ReadBegin();
        Explore.Assert(!hasReturned || section.Status == ReadStatus.Failed, $"a section on a failed notifier is {section.Status}");
    }

    private sealed class Throwing(ScenarioDevice device) : ScenarioNotifier(device)
    {
        protected override InvalidateResult Work(in Invalidation invalidation) =>
            throw new InvalidOperationException("as the scenario wants");
    }
}
