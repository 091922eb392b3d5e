namespace MmuNotifier.Processes;

/// <content>Stopping it.</content>
public sealed partial class LiveProcess
{
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromHours(1);

    private volatile FrozenProcess? _frozen;

    /// <summary>Whether it is frozen now.</summary>
    internal bool IsFrozen => _frozen is { IsOver: false };

    /// <summary>
    /// Stops every thread of the process, and of other processes that run in the same memory, until the result is disposed of or the limit
    /// is over. Every event is handled when this returns. Nothing of the process is changed by it.
    /// </summary>
    /// <param name="limit">
    /// How long it may be stopped, from the first request on: then it runs again by itself. More than 0, at most an hour. A thread that the
    /// kernel does not stop in this time (one that waits for a disk) makes the freeze fail; one that executes a program can delay that by
    /// another second.
    /// </param>
    /// <exception cref="ProcessFreezeException">It could not be stopped in time; it runs.</exception>
    /// <exception cref="ProcessExitedException">The program is gone.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of its bounds.</exception>
    /// <exception cref="InvalidOperationException">It is frozen already; or as <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public FrozenProcess Freeze(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LongestFreeze);
        using Call call = Enter();
        RequireStarted();
        RequireNotFrozen();
        FrozenProcesses frozen = Stop(limit);
        try
        {
            _frozen = new FrozenProcess(this, frozen, limit);
        }
        catch (InvalidOperationException exception)
        {
            frozen.Dispose();
            throw new ProcessFreezeException(exception.Message, exception);
        }

        return _frozen;
    }

    /// <summary>Reads for a frozen process.</summary>
    internal ReadOutcome ReadFrozen(AddressRange range, Span<byte> destination, out int read)
    {
        using Call call = Enter();
        return ReadNow(range, destination, out read);
    }

    private FrozenProcesses Stop(TimeSpan limit)
    {
        try
        {
            FreezePreparation preparation = FreezePreparation.Make([_watch]);
            preparation.StopSleepers();
            FrozenProcesses frozen = _watcher.Freeze([_watch], limit, preparation, drainLimit: limit);
            string? problem = frozen.Failure ?? frozen.LeftOut.Select(left => left.Reason).FirstOrDefault();
            bool isLate = problem is null && frozen.Elapsed > limit;
            if (problem is null && !isLate && frozen.Watches.Count > 0 && !_watch.IsImageGone)
                return frozen;
            frozen.Dispose();
            if (problem is null && !isLate)
                throw Gone();
            RequireProgram();
            throw new ProcessFreezeException(problem ?? $"Process {ProcessId} could not be stopped within {limit.TotalMilliseconds:0} ms.");
        }
        catch (ProcessAttachException refusal)
        {
            RequireProgram();
            throw new ProcessFreezeException(refusal.Message, refusal);
        }
    }

    private void RequireNotFrozen()
    {
        if (IsFrozen)
            throw new InvalidOperationException($"Process {ProcessId} is frozen already: dispose of the freeze first.");
    }
}
