using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A removal whose wait is cancelled continues: the notifier is gone at once, no call begins any more when the wait has succeeded, and it
/// is released after the call that runs.
/// </summary>
internal sealed class CancelledRemoval : MirrorScenario
{
    private CancellationToken _token;
    private Action _cancel = null!;
    private ReleasedNotifier _notifier = null!;

    public override void Check()
    {
        Explore.Assert(_notifier.Releases == 1, $"Released came {_notifier.Releases} times");
        Explore.Assert(_notifier.Removal!.Waiters.IsEmpty, "a cancelled removal left a waiter behind");
    }

    protected override IEnumerable<Action> Setup()
    {
        var source = new CancellationTokenSource();
        (_token, _cancel) = (source.Token, source.Cancel);
        _notifier = new ReleasedNotifier(Device);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 1));
        return [Invalidate, Remove, _cancel];
    }

    private void Invalidate() => Space.StartInvalidation(ScenarioDevice.Page(0), InvalidationEvent.Unmap).Dispose();

    private void Remove()
    {
        try
        {
            _notifier.Remove(_token);
            _notifier.RequireQuiet();
        }
        catch (OperationCanceledException)
        {
            Explore.Assert(_notifier.ReadBegin().Status == ReadStatus.Removed, "a cancelled removal was not made");
        }
    }
}
