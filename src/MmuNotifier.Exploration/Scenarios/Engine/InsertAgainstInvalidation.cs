using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A notifier comes into a range that is being invalidated: it is not called, so its sections must wait or retry.</summary>
internal sealed class InsertAgainstInvalidation : MirrorScenario
{
    protected override IEnumerable<Action> Setup() => [Invalidate, InsertAndRead];

    private void Invalidate() => Device.Change(1);

    private void InsertAndRead() => Insert(0, 1).Mirror(1);
}
