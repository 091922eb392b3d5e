using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A reader gives up its wait, or has its section by then; its thread waits again, for another invalidation.</summary>
internal sealed class ReaderGivesUp : MirrorScenario
{
    private MirrorNotifier _notifier = null!;

    protected override IEnumerable<Action> Setup()
    {
        _notifier = Insert(0, 1);
        var cancellation = new CancellationTokenSource();
        return [Invalidate, () => Read(cancellation.Token), () => Explore.Uninterrupted(cancellation.Cancel)];
    }

    private void Invalidate()
    {
        Device.Change(0);
        Device.Change(1);
    }

    private void Read(CancellationToken cancellationToken)
    {
        try
        {
            _notifier.Mirror(1, _notifier.ReadBegin(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            _notifier.Mirror(0);
        }

        _notifier.Mirror(1);
    }
}
