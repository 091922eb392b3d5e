using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// What a thread kept for its invalidations is given up, while one of them is open; another thread ends it, and a third one reads.
/// </summary>
internal sealed class ThreadEndsWithOpenInvalidation : MirrorScenario
{
    private ScenarioNotifier _notifier = null!;
    private InvalidationScope? _scope;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        Device.Fill(1, 1);
        return [StartAndEndThread, End, Read];
    }

    private void StartAndEndThread()
    {
        Device.Change(0);
        InvalidationScope scope = Space.StartInvalidation(ScenarioDevice.Page(1), InvalidationEvent.Unmap);
        Device.BeginChange(1, 1);
        _scope = scope;
        Space.Active.GiveUpPoolOf(ThreadIndex.Current); // What the finalizer does, when the thread has ended.
    }

    private void End()
    {
        Explore.WaitUntil(() => _scope is not null);
        Device.EndChange(1, 1);
        _scope!.Value.Dispose();
    }

    private void Read() => _notifier.Mirror(1);
}
