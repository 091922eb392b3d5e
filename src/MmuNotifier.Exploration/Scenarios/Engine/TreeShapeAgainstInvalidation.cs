using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// Two invalidations gather while an insertion splits a full leaf of the tree, or a removal merges two: every notifier that stays is
/// called once.
/// </summary>
internal sealed class TreeShapeAgainstInvalidation(bool merges) : MirrorScenario
{
    private readonly List<ScenarioNotifier> _staying = [];
    private ScenarioNotifier _coming = null!;
    private ScenarioNotifier _going = null!;

    public override string Name => merges ? "TreeMergeAgainstInvalidation" : "TreeSplitAgainstInvalidation";

    public override void Check()
    {
        foreach (ScenarioNotifier notifier in _staying)
            Explore.Assert(notifier.Calls == 2, $"a notifier that stays was called {notifier.Calls} times for two invalidations");
    }

    protected override IEnumerable<Action> Setup()
    {
        // One page each, far above the device's: only the calls count. The leaf is full.
        for (ulong page = 0; page < IntervalTreeNode.Capacity; page++)
            Add(page);
        _coming = new ScenarioNotifier(Device);
        if (merges)
            Grow();
        return [Invalidate, merges ? Merge : Split];
    }

    /// <summary>Splits the leaf, and leaves its right half one removal before it is merged with the left one.</summary>
    private void Grow()
    {
        Space.Insert(_coming, Page(IntervalTreeNode.Capacity));
        int right = (IntervalTreeNode.Capacity / 2) + 1;
        for (; right > (IntervalTreeNode.Capacity / 4) + 1; right--)
        {
            _staying[^1].RemoveDeferred();
            _staying.RemoveAt(_staying.Count - 1);
        }

        _going = _staying[^1];
        _staying.RemoveAt(_staying.Count - 1);
    }

    private void Invalidate()
    {
        Space.StartInvalidation(Pages, InvalidationEvent.Clear).Dispose();
        Space.StartInvalidation(Pages, InvalidationEvent.Clear).Dispose();
    }

    private void Split() => Space.Insert(_coming, Page(IntervalTreeNode.Capacity));

    private void Merge() => _going.RemoveDeferred();

    private void Add(ulong page)
    {
        var notifier = new ScenarioNotifier(Device);
        Space.Insert(notifier, Page(page));
        _staying.Add(notifier);
    }

    private static AddressRange Pages => new(1000, 1999);

    private static AddressRange Page(ulong page) => new(1000 + page, 1000 + page);
}
