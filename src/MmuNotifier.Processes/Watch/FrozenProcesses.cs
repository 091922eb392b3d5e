using System.Diagnostics;

namespace MmuNotifier.Processes;

/// <summary>Watched processes that are stopped, all threads of all of them, until this is disposed.</summary>
internal sealed class FrozenProcesses : IDisposable
{
    private readonly PtraceThreads _threads;
    private readonly List<(StoppedProcess Process, PtraceThread Thread)> _stopped = [];
    private readonly List<WatchedProcess> _watches = [];

    /// <summary>By the number of the process: they do not change while it is stopped.</summary>
    private readonly Dictionary<int, List<ThreadRegisters>> _registers = [];
    private long _since = Stopwatch.GetTimestamp();

    private FrozenProcesses(PtraceThreads threads) => _threads = threads;

    /// <summary>Those that were stopped; one that has exited is not among them.</summary>
    internal IReadOnlyList<WatchedProcess> Watches => _watches;

    /// <summary>Processes that run in the memory of a watched one and were stopped with it.</summary>
    internal List<(int Partner, int ProcessId)> Partners { get; } = [];

    /// <summary>One line on why they could not be stopped; null if they are.</summary>
    internal string? Failure { get; private set; }

    /// <summary>
    /// Processes that cannot be stopped now because their cgroup is frozen, each with a line that says so; they do not run, either.
    /// </summary>
    internal List<(WatchedProcess Watch, string Reason)> LeftOut { get; } = [];

    /// <summary>How long stopping them all took.</summary>
    internal TimeSpan StopTime { get; private set; }

    /// <summary>How long the first of them has been stopped by now, or at most has been.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_since);

    internal static FrozenProcesses Freeze(
        PtraceThreads threads,
        EventPump pump,
        IReadOnlyCollection<WatchedProcess> watches,
        TimeSpan limit,
        FreezePreparation? preparation = null,
        Action<string>? afterStep = null,
        TimeSpan? drainLimit = null) => Freeze(threads, frozen =>
        {
            List<WatchedProcess> stoppable = [.. watches.Where(frozen.CanBeStopped)];
            frozen._since = Stopwatch.GetTimestamp();
            return frozen.StopAll(stoppable, limit, preparation, afterStep)
                ?? frozen.StopPartners(limit, preparation, afterStep)
                ?? frozen.ComeToRest(pump, drainLimit);
        });

    /// <summary>The same for a process that has ended and whose memory is kept.</summary>
    internal static FrozenProcesses FreezeEnded(
        PtraceThreads threads, EventPump pump, WatchedProcess watch, TimeSpan limit, FreezePreparation preparation,
            Action<string>? afterStep) =>
        Freeze(threads, frozen =>
        {
            frozen.Take(watch);
            return frozen.StopPartners(limit, preparation, afterStep) ?? frozen.ComeToRest(pump);
        });

    /// <param name="threads">Tracer threads to borrow.</param>
    /// <param name="stop">Stops what has to be stopped; gives why that could not be done, or null.</param>
    private static FrozenProcesses Freeze(PtraceThreads threads, Func<FrozenProcesses, string?> stop)
    {
        var frozen = new FrozenProcesses(threads);
        try
        {
            frozen.Failure = stop(frozen);
        }
        catch (TargetChangedException change)
        {
            frozen.Failure = change.Message;
        }
        catch
        {
            frozen.Dispose();
            throw;
        }

        if (frozen.Failure is not null)
            frozen.Dispose();
        frozen.StopTime = frozen.Elapsed;
        return frozen;
    }

    public void Dispose()
    {
        foreach (WatchedProcess watch in _watches)
            watch.SetFrozen(false);
        foreach ((StoppedProcess stopped, PtraceThread thread) in _stopped)
        {
            stopped.Release();
            _threads.Return(thread);
        }

        _watches.Clear();
        _stopped.Clear();
        _registers.Clear();
    }

    /// <summary>The registers of all threads of one of the processes, the main thread's first. Read at the first call.</summary>
    /// <exception cref="TargetChangedException">The process was killed meanwhile.</exception>
    internal List<ThreadRegisters> ReadRegisters(int processId)
    {
        if (_registers.TryGetValue(processId, out List<ThreadRegisters>? known))
            return known;
        if (_stopped.Find(stopped => stopped.Process.ProcessId == processId).Process is not { } stopped)
            return [];
        return _registers[processId] = stopped.Invoke(() => RegisterReader.Read(stopped));
    }

    /// <summary>Whether no thread has run since all were stopped; some were left asleep.</summary>
    internal bool HaveStayedStill() => _stopped.TrueForAll(stopped => stopped.Process.HasStayedStill());

    private bool CanBeStopped(WatchedProcess watch)
    {
        if (FrozenCgroup.Describe(watch.ProcessId, isStopPrevented: true) is not { } reason)
            return true;
        LeftOut.Add((watch, reason));
        return false;
    }

    /// <returns>Why one of them could not be stopped; null if all were, or have ended.</returns>
    private string? StopAll(
        IReadOnlyCollection<WatchedProcess> watches, TimeSpan limit, FreezePreparation? preparation, Action<string>? afterStep)
    {
        foreach (WatchedProcess watch in watches)
        {
            // The number of one that has ended may be another process's already.
            if (watch.IsOver || watch.WaitForExit(TimeSpan.Zero))
                continue;
            if (Stop(watch.ProcessId, limit, preparation?.SleepersOf(watch.ProcessId), afterStep, out bool isStopped) is { } failure)
                return failure;
            if (isStopped && !watch.WaitForExit(TimeSpan.Zero))
                Take(watch);
        }

        return null;
    }

    /// <summary>
    /// Stops the processes that run in the memory of a watched one. They come after it: a child of vfork runs in its parent's memory, too,
    /// but the parent cannot stop before the child has executed its program, and then it does not share the memory any more.
    /// </summary>
    /// <returns>Why one of them could not be stopped; null if all were.</returns>
    private string? StopPartners(TimeSpan limit, FreezePreparation? preparation, Action<string>? afterStep)
    {
        foreach (WatchedProcess watch in _watches)
        {
            foreach (int partner in preparation?.PartnersOf(watch.ProcessId) ?? [])
            {
                if (_watches.Exists(other => other.ProcessId == partner) || Kcmp.SameAddressSpace(watch.MemoryId, partner) != true)
                    continue;
                if (Stop(partner, limit, null, afterStep, out bool isStopped) is { } failure)
                    return $"{failure} (It runs in the memory of process {watch.ProcessId}.)";
                if (isStopped && Kcmp.SameAddressSpace(watch.MemoryId, partner) == true)
                    Partners.Add((partner, watch.ProcessId));
            }
        }

        return null;
    }

    /// <summary>Stops one process, unless it has ended, with a tracer thread of its own.</summary>
    /// <returns>Why it could not be stopped; null if it was, or has ended.</returns>
    private string? Stop(int processId, TimeSpan limit, SleepSurvey? sleepers, Action<string>? afterStep, out bool isStopped)
    {
        isStopped = false;
        PtraceThread? thread = null;
        StoppedProcess? stopped = null;
        try
        {
            thread = _threads.Borrow();
            FreezeResult result = StoppedProcess.TryFreeze(thread, processId, limit, afterStep, sleepers);
            stopped = result.Process;
            isStopped = stopped is not null;
            return result.Outcome == FreezeOutcome.ThreadDidNotStop ? result.Message : null;
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            return exception.Message; // No thread can be started.
        }
        finally
        {
            if (stopped is not null)
                _stopped.Add((stopped, thread!));
            else if (thread is not null)
                _threads.Return(thread);
        }
    }

    private void Take(WatchedProcess watch)
    {
        _watches.Add(watch);
        watch.SetFrozen(true);
    }

    /// <summary>No thread runs, so no event comes any more and no removal is half-way: the drain brings everything to its end.</summary>
    private string? ComeToRest(EventPump pump, TimeSpan? limit = null)
    {
        if (!pump.Drain(limit))
            return "the events that were waiting could not be handled in time";
        foreach (WatchedProcess watch in _watches)
            watch.InvalidateDoubtful();
        return null;
    }
}
