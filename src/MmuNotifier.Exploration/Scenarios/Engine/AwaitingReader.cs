using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A task waits for the end of an invalidation, while its token is cancelled: it completes once, with a section that was open when the end
/// came, or as cancelled. Then a second invalidation is changed beside what it commits.
/// </summary>
internal sealed class AwaitingReader : MirrorScenario
{
    private CancellationToken _token;
    private Action _cancel = null!;
    private ScenarioNotifier _notifier = null!;
    private InvalidationScope _scope;

    public override void Check() => Explore.Assert(_notifier.ReadWaiters.IsEmpty, "a task left a waiter behind");

    protected override IEnumerable<Action> Setup()
    {
        var source = new CancellationTokenSource();
        (_token, _cancel) = (source.Token, source.Cancel);
        _notifier = Insert(0, 1);
        _scope = Space.StartInvalidation(ScenarioDevice.Page(0), InvalidationEvent.Unmap);
        Device.BeginChange(0, 0);
        return [Read, _cancel, End];
    }

    private void Read()
    {
        Task<ReadSection> reading = _notifier.ReadBeginAsync(_token).AsTask();
        Explore.WaitUntil(() => reading.IsCompleted);
        if (!reading.IsCanceled)
            _notifier.Mirror(0, reading.Result);
    }

    private void End()
    {
        Device.EndChange(0, 0);
        _scope.Dispose();
        Device.Change(0);
    }
}
