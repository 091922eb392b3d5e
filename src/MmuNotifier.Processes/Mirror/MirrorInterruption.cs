using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>What interrupts a run from outside: the order to end, and the order to stop for a while (Ctrl-Z).</summary>
internal sealed class MirrorInterruption(CancellationToken end)
{
    /// <summary>
    /// The processor time of one last comparison after the order to end. Processor time, because a busy machine is no reason to give the
    /// comparison up; what waits for others is bounded elsewhere.
    /// </summary>
    private const long LastComparisonNanoseconds = 300_000_000;

    private volatile bool _pauseAsked;
    private bool _isEnding;
    private long? _endAskedAt;

    /// <summary>Cancelled when the run is to end.</summary>
    internal CancellationToken End => end;

    /// <summary>Called when a pause is asked for; on the thread that asks.</summary>
    internal Action? PauseAsked { get; set; }

    internal void AskToPause()
    {
        _pauseAsked = true;
        PauseAsked?.Invoke();
    }

    /// <summary>Whether a pause was asked for since the last time.</summary>
    internal bool TakePause()
    {
        bool asked = _pauseAsked;
        _pauseAsked = false;
        return asked;
    }

    /// <summary>From now on steps are left only when they use up the time of the last comparison.</summary>
    internal void BeginEnd() => _isEnding = true;

    /// <summary>Called between parts of a long step, on the session's thread.</summary>
    /// <exception cref="OperationCanceledException">The step is to be left.</exception>
    internal void Checkpoint()
    {
        if (!_isEnding)
        {
            if (_pauseAsked || end.IsCancellationRequested)
                throw new OperationCanceledException();
        }
        else if (end.IsCancellationRequested)
        {
            long now = Syscall.ThreadProcessorNanoseconds();
            _endAskedAt ??= now;
            if (now - _endAskedAt > LastComparisonNanoseconds)
                throw new OperationCanceledException();
        }
    }
}
