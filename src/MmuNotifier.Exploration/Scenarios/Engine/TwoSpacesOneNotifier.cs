using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>Two address spaces insert the same notifier at the same moment: one of them gets it, alone or in a batch.</summary>
internal sealed class TwoSpacesOneNotifier : MirrorScenario
{
    private readonly AddressSpace _other = new(new ReleaseWorkers(BackgroundThread.Start));
    private ScenarioNotifier _notifier = null!;
    private ScenarioNotifier _companion = null!;
    private int _insertions;

    public override void Check()
    {
        Explore.Assert(_insertions == 1, $"{_insertions} insertions of one notifier succeeded");
        Device.Change(0);
        _other.StartInvalidation(ScenarioDevice.Page(0), InvalidationEvent.Unmap).Dispose();
        Explore.Assert(_notifier.Calls == 1, $"an invalidation in each space called it {_notifier.Calls} times");
        bool isCompanionFree = !ReferenceEquals(_notifier.Space, _other);
        Explore.Assert(_companion.IsNew == isCompanionFree, "a batch was applied in part");
    }

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new ScenarioNotifier(Device);
        _companion = new ScenarioNotifier(Device);
        return [Insert, InsertByBatch];
    }

    private void Insert() => Try(() => Space.Insert(_notifier, ScenarioDevice.Range(0, 1)));

    private void InsertByBatch() => Try(() => _other.Apply(
        new NotifierBatch().Insert(_companion, ScenarioDevice.Range(4, 5)).Insert(_notifier, ScenarioDevice.Range(0, 1))));

    private void Try(Action insert)
    {
        try
        {
            insert();
            _insertions++;
        }
        catch (InvalidOperationException)
        {
            // The other space was first.
        }
    }
}
