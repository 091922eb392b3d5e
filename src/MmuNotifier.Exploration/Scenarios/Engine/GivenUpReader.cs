using MmuNotifier.Exploration.Running;
using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// A reader's wait is cancelled or interrupted at the moment that the invalidation ends: it is given up and leaves nothing behind, or it
/// has succeeded. Then the same thread waits again, for another invalidation, and nothing of the first wait ends the second.
/// </summary>
internal sealed class GivenUpReader(bool isInterrupted) : MirrorScenario
{
    private CancellationToken _token;
    private Action _cancel = null!;
    private ScenarioNotifier _first = null!;
    private ScenarioNotifier _second = null!;
    private InvalidationScope _firstScope;
    private InvalidationScope _secondScope;
    private ControlledThread? _reader;
    private bool _isGivenUp;

    public override string Name => isInterrupted ? "InterruptedReader" : "CancelledReader";

    public override void Check()
    {
        Explore.Assert(_first.ReadWaiters.IsEmpty && _second.ReadWaiters.IsEmpty, "a wait left a waiter behind");
        Explore.Assert(_first.ReadBeginNoWait().Status == ReadStatus.Open, "the first notifier does not open");
    }

    protected override IEnumerable<Action> Setup()
    {
        var source = new CancellationTokenSource();
        (_token, _cancel) = (source.Token, source.Cancel);
        _first = Insert(0, 1);
        _second = Insert(4, 5);
        _firstScope = Space.StartInvalidation(ScenarioDevice.Page(0), InvalidationEvent.Unmap);
        Device.BeginChange(0, 0);
        _secondScope = Space.StartInvalidation(ScenarioDevice.Page(4), InvalidationEvent.Unmap);
        Device.BeginChange(4, 4);
        return [Read, GiveUp, End];
    }

    private void Read()
    {
        _reader = Explore.ThisThread;
        try
        {
            _first.Mirror(0, _first.ReadBegin(_token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ThreadInterruptedException)
        {
            _isGivenUp = true;
        }

        ReadAgain();
    }

    /// <summary>An interrupt that came too late for the first wait may end this one; a cancellation must not.</summary>
    private void ReadAgain()
    {
        try
        {
            _second.Mirror(4, _second.ReadBegin());
        }
        catch (ThreadInterruptedException)
        {
            Explore.Assert(isInterrupted && !_isGivenUp, "one interrupt ended two waits");
        }
    }

    private void GiveUp()
    {
        if (!isInterrupted)
        {
            _cancel();
            return;
        }

        Explore.WaitUntil(() => _reader is not null);
        Explore.Interrupt(_reader!);
    }

    private void End()
    {
        Device.EndChange(0, 0);
        _firstScope.Dispose();
        Device.EndChange(4, 4);
        _secondScope.Dispose();
    }
}
