using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A whole-space notifier comes while an invalidation starts and ends: it sees a complete pair, or nothing of one that is over.
/// </summary>
internal sealed class WholeSpaceRegistration : MirrorScenario
{
    private readonly PairingNotifier _pairing = new();
    private bool _isRegistered;
    private bool _isStarted;

    public override void Check() => Explore.Assert(_pairing.Open == 0, "a start without an end");

    protected override IEnumerable<Action> Setup() => [Invalidate, Register];

    private void Invalidate()
    {
        InvalidationScope scope = Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap);
        Explore.Assert(!_isRegistered || _pairing.Open == 1, "a start has returned, and a registered notifier was not told");
        _isStarted = true;
        Explore.Yield();
        _isStarted = false;
        scope.Dispose();
    }

    private void Register()
    {
        Space.Insert(_pairing);
        _isRegistered = true;
        Explore.Assert(!_isStarted || _pairing.Open == 1, "a registration has returned without the start of an active invalidation");
    }
}
