using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// The end of an invalidation, as a whole-space notifier sees it, starts another: of an object that nobody uses any more.
/// </summary>
internal sealed class NestedInWholeSpaceEnd : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private Nesting _nesting = null!;

    public override void Check() => Explore.Assert(_nesting.Open == 0 && _nesting.Starts == 2, "the pairs are not complete");

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        Device.Fill(1, 1);
        _nesting = new Nesting(Device);
        Space.Insert(_nesting);
        return [Invalidate, Read];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(6), InvalidationEvent.Unmap).Dispose();

    private void Read() => _notifier.Mirror(1);

    private sealed class Nesting(ScenarioDevice device) : PairingNotifier
    {
        protected internal override void InvalidateEnd(in Invalidation invalidation)
        {
            base.InvalidateEnd(in invalidation);
            if (invalidation.Range.Start == 6)
                device.Change(1);
        }
    }
}
