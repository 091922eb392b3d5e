using System.Diagnostics;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Ptrace;

namespace MmuNotifier.Linux.Watching;

/// <summary>Watched processes that are stopped, all threads of all of them, until this is disposed.</summary>
internal sealed class FrozenProcesses : IDisposable
{
    private readonly PtraceThreads _threads;
    private readonly List<(StoppedProcess Process, PtraceThread Thread)> _stopped = [];
    private readonly List<WatchedProcess> _watches = [];
    private long _since = Stopwatch.GetTimestamp();

    private FrozenProcesses(PtraceThreads threads) => _threads = threads;

    /// <summary>Those that were stopped; one that has exited is not among them.</summary>
    internal IReadOnlyList<WatchedProcess> Watches => _watches;

    /// <summary>One line on why they could not be stopped; null if they are.</summary>
    internal string? Failure { get; private set; }

    /// <summary>A line for each process that cannot be stopped by anybody now, because its cgroup is frozen; it does not run, either.</summary>
    internal List<string> LeftOut { get; } = [];

    /// <summary>How long stopping them all took.</summary>
    internal TimeSpan StopTime { get; private set; }

    /// <summary>How long the first of them has been stopped by now, or at most has been.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_since);

    internal static FrozenProcesses Freeze(
        PtraceThreads threads, EventPump pump, IReadOnlyCollection<WatchedProcess> watches, TimeSpan limit, Action<string>? afterStep = null)
    {
        var frozen = new FrozenProcesses(threads);
        try
        {
            List<WatchedProcess> stoppable = [.. watches.Where(frozen.CanBeStopped)];
            frozen._since = Stopwatch.GetTimestamp();
            frozen.Failure = frozen.StopAll(stoppable, limit, afterStep) ?? frozen.ComeToRest(pump);
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
    }

    private bool CanBeStopped(WatchedProcess watch)
    {
        if (FrozenCgroup.Describe(watch.ProcessId, isStopPrevented: true) is not { } reason)
            return true;
        LeftOut.Add(reason);
        return false;
    }

    /// <returns>Why one of them could not be stopped; null if all were, or have ended.</returns>
    private string? StopAll(IReadOnlyCollection<WatchedProcess> watches, TimeSpan limit, Action<string>? afterStep)
    {
        foreach (WatchedProcess watch in watches)
        {
            if (watch.IsOver)
                continue;
            PtraceThread thread = _threads.Borrow();
            StoppedProcess? stopped = null;
            try
            {
                FreezeResult result = StoppedProcess.TryFreeze(thread, watch.ProcessId, limit, afterStep);
                if (result.Outcome == FreezeOutcome.ThreadDidNotStop)
                    return result.Message;
                stopped = result.Process;
            }
            finally
            {
                if (stopped is null)
                    _threads.Return(thread);
                else
                    Add(stopped, thread, watch);
            }
        }

        return null;
    }

    /// <summary>No thread runs, so no event comes any more and no removal is half-way: the drain brings everything to its end.</summary>
    private string? ComeToRest(EventPump pump)
    {
        if (!pump.Drain())
            return "the events that were waiting could not be handled in time";
        foreach (WatchedProcess watch in _watches)
            watch.InvalidateDoubtful();
        return null;
    }

    private void Add(StoppedProcess stopped, PtraceThread thread, WatchedProcess watch)
    {
        _stopped.Add((stopped, thread));
        _watches.Add(watch);
        watch.SetFrozen(true);
    }
}
