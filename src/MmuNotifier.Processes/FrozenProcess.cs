using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// A process that is stopped, all threads of it, until this is disposed of or the limit of the freeze is over. Nothing of its memory
/// changes meanwhile, but by the kernel (direct I/O, io_uring) and by processes that share it.
/// </summary>
/// <remarks>
/// Everything that is handed out was read while the process was stopped: what the end of the limit has overtaken is not handed out, and the
/// call throws <see cref="ProcessFreezeException"/>. Members may be called as those of <see cref="LiveProcess"/>, whose other members work
/// as well meanwhile; <see cref="Dispose"/>, <see cref="IsOver"/> and <see cref="Elapsed"/> at any time.
/// </remarks>
public sealed class FrozenProcess : IDisposable
{
    private readonly LiveProcess _process;
    private readonly FrozenProcesses _frozen;
    private readonly TimeSpan _limit;

    /// <summary>Held while the tracer is asked for something. The thread that waits for the limit waits for it, too.</summary>
    private readonly object _lock = new();

    /// <summary>From the moment at which the threads may run again.</summary>
    private volatile bool _isOver;
    private volatile bool _isLimitOver;
    private TimeSpan? _elapsed;

    /// <exception cref="InvalidOperationException">No thread can be started; the freeze is still the caller's.</exception>
    internal FrozenProcess(LiveProcess process, FrozenProcesses frozen, TimeSpan limit)
    {
        (_process, _frozen, _limit) = (process, frozen, limit);
        // Not a timer: a busy thread pool would keep the process stopped.
        Syscall.Start(new Thread(EndAtLimit) { IsBackground = true, Name = "freeze limit" });
    }

    /// <summary>Whether the process runs again: this was disposed of, or the limit is over.</summary>
    public bool IsOver => _isOver;

    /// <summary>How long the process has been stopped by now, or was, from the first request on.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
                return _elapsed ?? _frozen.Elapsed;
        }
    }

    /// <summary>The registers of all threads, the main thread's first, if it still runs. Read from the process at the first call.</summary>
    /// <exception cref="ProcessFreezeException">The limit is over.</exception>
    /// <exception cref="ProcessExitedException">The process was killed.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
    public IReadOnlyList<ThreadRegisters> GetThreads()
    {
        using LiveProcess.Call call = _process.Enter();
        RequireFrozen();
        List<ThreadRegisters> threads;
        try
        {
            lock (_lock)
            {
                RequireFrozen();
                threads = _frozen.ReadRegisters(_process.ProcessId);
            }
        }
        catch (Exception exception) when (exception is TargetChangedException or ObjectDisposedException)
        {
            RequireFrozen();
            throw _process.Gone(exception);
        }

        RequireFrozen();
        return threads.Count > 0 ? threads : throw _process.Gone();
    }

    /// <summary>Reads memory as of the moment of the freeze.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="destination">Gets the bytes.</param>
    /// <param name="read">
    /// How many bytes are there, from the first on: all if the answer is <see cref="ReadOutcome.Complete"/>, those before the first page
    /// that cannot be read if it is <see cref="ReadOutcome.Unreadable"/>, otherwise 0.
    /// </param>
    /// <returns>
    /// <see cref="ReadOutcome.Complete"/>, <see cref="ReadOutcome.Unreadable"/> or <see cref="ReadOutcome.Exited"/>. Memory whose page
    /// faults the program answers itself can be read where it is present.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would pass the last address.</exception>
    /// <exception cref="ProcessFreezeException">The limit is over.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
    public ReadOutcome Read(ulong address, Span<byte> destination, out int read)
    {
        RequireFrozen();
        read = 0;
        if (destination.IsEmpty)
            return ReadOutcome.Complete;
        ReadOutcome outcome = _process.ReadFrozen(AddressRange.FromLength(address, (ulong)destination.Length), destination, out read);
        RequireFrozen();
        return outcome;
    }

    /// <summary>Lets the process run. Calls after the first do nothing.</summary>
    public void Dispose() => Release(isLimitOver: false);

    private void RequireFrozen()
    {
        if (!_isOver)
            return;
        if (_isLimitOver)
        {
            throw new ProcessFreezeException(
                $"The limit of {_limit.TotalMilliseconds:0} ms of the freeze is over, and process {_process.ProcessId} runs again.");
        }

        throw new ObjectDisposedException(nameof(FrozenProcess));
    }

    private void Release(bool isLimitOver)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            // Before a thread runs: a reader that finds it false after its read has read what was frozen.
            (_isLimitOver, _isOver) = (isLimitOver, true);
            _frozen.Dispose();
            _elapsed = _frozen.Elapsed;
            Monitor.PulseAll(_lock);
        }
    }

    private void EndAtLimit()
    {
        lock (_lock)
        {
            while (!_isOver && _limit - _frozen.Elapsed is { Ticks: > 0 } left)
                Monitor.Wait(_lock, left);
        }

        Release(isLimitOver: true);
    }
}
