using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A remover looks at an invalidation that another thread ends, so that the walking thread makes no fence between its callback and the next
/// use of the object: what the callback wrote must be seen all the same.
/// </summary>
internal sealed class RemovalAfterForeignEnd : MirrorScenario
{
    private TracedNotifier _notifier = null!;
    private InvalidationScope _scope;
    private bool _hasStarted;
    private bool _hasEnded;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = TracedNotifier.Inserted(Device, 0, 1, hasSecondStep: false);
        return [InvalidateTwice, End, Remove];
    }

    private void InvalidateTwice()
    {
        _scope = Space.StartInvalidation(ScenarioDevice.Range(0, 1), InvalidationEvent.Unmap);
        _hasStarted = true;
        Explore.WaitUntil(() => _hasEnded);
        Space.StartInvalidation(ScenarioDevice.Range(6, 7), InvalidationEvent.Unmap).Dispose();
    }

    private void End()
    {
        Explore.WaitUntil(() => _hasStarted);
        _scope.Dispose();
        _hasEnded = true;
    }

    private void Remove() => _notifier.RemoveAndFree();
}
