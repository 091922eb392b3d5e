using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A notifier that has failed is cut in two, while others read through what they find: no section begins on a piece of it.
/// </summary>
internal sealed class FailedCut : MirrorScenario
{
    private Throwing _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new Throwing(Device);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 4));
        return [Report, Read];
    }

    private void Report()
    {
        Space.Invalidate(ScenarioDevice.Page(1), InvalidationEvent.Unmap);
        Throwing right = new(Device);
        CutResult result = _notifier.Cut(ScenarioDevice.Page(2), () => right);
        Explore.Assert(result == CutResult.Split, $"the cut is {result}");
        Explore.Assert(right.ReadBeginNoWait().Status == ReadStatus.Failed, "a section begins on a piece of a failed notifier");
    }

    private void Read()
    {
        foreach (FoundNotifier found in Space.Find(ScenarioDevice.Page(4)))
        {
            if (!ReferenceEquals(found.Notifier, _notifier))
                Explore.Assert(found.Notifier.ReadBeginNoWait().Status == ReadStatus.Failed, "a section begins on a piece that was found");
        }
    }

    private sealed class Throwing(ScenarioDevice device) : ScenarioNotifier(device)
    {
        protected override InvalidateResult Work(in Invalidation invalidation) =>
            throw new InvalidOperationException("as the scenario wants");
    }
}
