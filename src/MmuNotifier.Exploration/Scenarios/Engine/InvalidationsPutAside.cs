using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A thread has more invalidations open than its pool looks at; another ends the one that was put aside, perhaps in several steps because
/// it names an owner, and the objects are used again, while a reader looks at them.
/// </summary>
internal sealed class InvalidationsPutAside : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private InvalidationScope? _first;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 3);
        return [Open, EndFirst, Read];
    }

    private void Open()
    {
        _first = Start(0, owner: this);
        InvalidationScope second = Start(1);
        InvalidationScope third = Start(2);
        Device.Change(3);
        End(third, 2);
        End(second, 1);
        Device.Change(2);
    }

    private void EndFirst()
    {
        Explore.WaitUntil(() => _first is not null);
        End(_first!.Value, 0);
    }

    private void Read() => _notifier.Mirror(2);

    private InvalidationScope Start(ulong page, object? owner = null)
    {
        InvalidationScope scope = Space.StartInvalidation(ScenarioDevice.Page(page), InvalidationEvent.Unmap, owner);
        Device.BeginChange(page, page);
        return scope;
    }

    private void End(InvalidationScope scope, ulong page)
    {
        Device.EndChange(page, page);
        scope.Dispose();
    }
}
