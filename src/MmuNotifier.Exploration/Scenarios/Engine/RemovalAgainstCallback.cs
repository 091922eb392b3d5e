using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// An invalidation calls two notifiers; the second is removed meanwhile. When Remove returns, its callback does not run and will not.
/// </summary>
internal sealed class RemovalAgainstCallback : MirrorScenario
{
    private ScenarioNotifier _second = null!;

    protected override IEnumerable<Action> Setup()
    {
        Insert(0, 1);
        _second = Insert(2, 3);
        Device.Fill(0, 3);
        return [Invalidate, Remove];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Range(1, 2), InvalidationEvent.Unmap).Dispose();

    private void Remove() => _second.RemoveAndForget();
}
