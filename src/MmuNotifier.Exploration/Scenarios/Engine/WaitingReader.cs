using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A reader waits for an invalidation that is ended by another thread than the one that started it.</summary>
internal sealed class WaitingReader : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private InvalidationScope? _scope;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        return [Start, Read, End];
    }

    private void Start()
    {
        InvalidationScope scope = Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap);
        Device.BeginChange(1, 1);
        _scope = scope;
    }

    private void Read() => _notifier.Mirror(1);

    private void End()
    {
        Explore.WaitUntil(() => _scope is not null);
        Device.EndChange(1, 1);
        _scope!.Value.Dispose();
    }
}
