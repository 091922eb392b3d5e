using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A whole-space notifier goes while an invalidation starts and ends: it gets the end of what it got the start of, then nothing.
/// </summary>
internal sealed class WholeSpaceRemoval : MirrorScenario
{
    private readonly PairingNotifier _pairing = new();

    public override void Check() => Explore.Assert(_pairing.Open == 0, "a start without an end");

    protected override IEnumerable<Action> Setup()
    {
        Space.Insert(_pairing);
        return [Invalidate, Remove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap).Dispose();

    private void Remove()
    {
        _pairing.RemoveDeferred();
        Space.Synchronize();
        Explore.Assert(_pairing.Open == 0, "Synchronize returned before the missing end");
        int starts = _pairing.Starts;
        Explore.Yield();
        Explore.Assert(_pairing.Starts == starts, "a start after the release");
    }
}
