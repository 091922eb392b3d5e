using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A batch replaces one notifier by two, and a second batch those by one, against an invalidation of all pages: whom it calls in order was
/// there together, and every page is covered by some call, inherited ones included.
/// </summary>
internal sealed class BatchIsOneStep : MirrorScenario
{
    private readonly List<(ScenarioNotifier Called, Invalidation Call)> _calls = [];
    private ScenarioNotifier _whole = null!;
    private ScenarioNotifier _left = null!;
    private ScenarioNotifier _right = null!;
    private ScenarioNotifier _merged = null!;

    public override void Check()
    {
        ScenarioNotifier[][] steps = [[_whole], [_left, _right], [_merged]];
        ScenarioNotifier[] ordered = [.. _calls.Where(call => !call.Call.IsInherited).Select(call => call.Called)];
        Explore.Assert(steps.Any(step => ordered.All(step.Contains)), "an invalidation calls notifiers that were never there together");
        for (ulong page = 0; page < 4; page++)
            Explore.Assert(_calls.Any(call => call.Call.Overlap.Contains(page)), $"no call covers page {page}");
    }

    protected override IEnumerable<Action> Setup()
    {
        _whole = new NotedNotifier(Device, _calls);
        _left = new NotedNotifier(Device, _calls);
        _right = new NotedNotifier(Device, _calls);
        _merged = new NotedNotifier(Device, _calls);
        Space.Insert(_whole, ScenarioDevice.Range(0, 3));
        return [Invalidate, Edit];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Range(0, 3), InvalidationEvent.Unmap).Dispose();

    private void Edit()
    {
        Space.Apply(new NotifierBatch()
            .Remove(_whole, ScenarioDevice.Range(0, 3))
            .Insert(_left, ScenarioDevice.Range(0, 1))
            .Insert(_right, ScenarioDevice.Range(2, 3)));
        Space.Apply(new NotifierBatch()
            .Remove(_left, ScenarioDevice.Range(0, 1))
            .Remove(_right, ScenarioDevice.Range(2, 3))
            .Insert(_merged, ScenarioDevice.Range(0, 3)));
    }

    private sealed class NotedNotifier(ScenarioDevice device, List<(ScenarioNotifier, Invalidation)> calls) : ScenarioNotifier(device)
    {
        protected override InvalidateResult Work(in Invalidation invalidation)
        {
            calls.Add((this, invalidation));
            return base.Work(in invalidation);
        }
    }
}
