using System.Diagnostics;
using MmuNotifier.Linux.Ptrace;

namespace MmuNotifier.Linux.Watching;

/// <summary>Watched processes that are stopped, all threads of all of them, until this is disposed.</summary>
internal sealed class FrozenProcesses : IDisposable
{
    private readonly List<StoppedProcess> _stopped = [];
    private readonly List<WatchedProcess> _watches = [];
    private readonly long _since = Stopwatch.GetTimestamp();

    private FrozenProcesses()
    {
    }

    /// <summary>Those that were stopped; one that has exited is not among them.</summary>
    internal IReadOnlyList<WatchedProcess> Watches => _watches;

    /// <summary>One line on why they could not be stopped; null if they are.</summary>
    internal string? Failure { get; private set; }

    /// <summary>How long stopping them all took.</summary>
    internal TimeSpan StopTime { get; private set; }

    /// <summary>How long the first of them has been stopped by now, or at most has been.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_since);

    internal static FrozenProcesses Freeze(
        PtraceThread ptrace, EventPump pump, IReadOnlyCollection<WatchedProcess> watches, TimeSpan limit)
    {
        var frozen = new FrozenProcesses();
        try
        {
            foreach (WatchedProcess watch in watches)
            {
                if (watch.IsOver)
                    continue;
                FreezeResult result = StoppedProcess.TryFreeze(ptrace, watch.ProcessId, limit);
                if (result.Outcome == FreezeOutcome.ThreadDidNotStop)
                {
                    frozen.Dispose();
                    frozen.Failure = result.Message;
                    return frozen;
                }

                if (result.Process is { } stopped)
                    frozen.Add(stopped, watch);
            }

            // No thread runs, so no event comes any more and no removal is half-way: the drain brings everything to its end.
            pump.Drain();
            foreach (WatchedProcess watch in frozen._watches)
                watch.InvalidateDoubtful();
            frozen.StopTime = frozen.Elapsed;
            return frozen;
        }
        catch
        {
            frozen.Dispose();
            throw;
        }
    }

    internal static FrozenProcesses OfEnded(EventPump pump, WatchedProcess watch)
    {
        var frozen = new FrozenProcesses();
        frozen._watches.Add(watch);
        watch.SetFrozen(true);
        pump.Drain();
        watch.InvalidateDoubtful();
        frozen.StopTime = frozen.Elapsed;
        return frozen;
    }

    public void Dispose()
    {
        foreach (WatchedProcess watch in _watches)
            watch.SetFrozen(false);
        foreach (StoppedProcess stopped in _stopped)
            stopped.Release();
        _watches.Clear();
        _stopped.Clear();
    }

    private void Add(StoppedProcess stopped, WatchedProcess watch)
    {
        _stopped.Add(stopped);
        _watches.Add(watch);
        watch.SetFrozen(true);
    }
}
