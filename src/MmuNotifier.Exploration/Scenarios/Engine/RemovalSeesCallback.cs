using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// Removal before, while and after the callback, or second step, of one of two notifiers: Remove waits for them, and then sees what they
/// wrote.
/// </summary>
/// <param name="hasSecondStep">Whether the callback returns a second step.</param>
internal sealed class RemovalSeesCallback(bool hasSecondStep) : MirrorScenario
{
    private TracedNotifier _notifier = null!;

    public override string Name => hasSecondStep ? "RemovalAgainstSecondStep" : "RemovalSeesCallback";

    public override void Check() =>
        Explore.Assert(_notifier.SecondSteps == (hasSecondStep ? _notifier.Calls : 0), "a second step that was taken did not run");

    protected override IEnumerable<Action> Setup()
    {
        Insert(0, 1);
        _notifier = TracedNotifier.Inserted(Device, 2, 3, hasSecondStep);
        return [Invalidate, Remove];
    }

    private void Invalidate() => Device.Change(1, 2);

    private void Remove() => _notifier.RemoveAndFree();
}
