using System.Diagnostics;
using MmuNotifier.Linux.Proc;
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

    /// <summary>Processes that run in the memory of a watched one and were stopped with it.</summary>
    internal List<(int Partner, int ProcessId)> Partners { get; } = [];

    /// <summary>One line on why they could not be stopped; null if they are.</summary>
    internal string? Failure { get; private set; }

    /// <summary>How long stopping them all took.</summary>
    internal TimeSpan StopTime { get; private set; }

    /// <summary>How long the first of them has been stopped by now, or at most has been.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_since);

    internal static FrozenProcesses Freeze(
        PtraceThread ptrace, EventPump pump, IReadOnlyCollection<WatchedProcess> watches, TimeSpan limit, FreezePreparation? preparation = null)
    {
        var frozen = new FrozenProcesses();
        try
        {
            foreach (WatchedProcess watch in watches)
            {
                if (watch.IsOver)
                    continue;
                FreezeResult result = StoppedProcess.TryFreeze(
                    ptrace, watch.ProcessId, limit, sleepers: preparation?.SleepersOf(watch.ProcessId));
                if (result.Outcome == FreezeOutcome.ThreadDidNotStop)
                {
                    frozen.Dispose();
                    frozen.Failure = result.Message;
                    return frozen;
                }

                if (result.Process is { } stopped)
                    frozen.Add(stopped, watch);
            }

            if (preparation is not null && frozen.StopPartners(ptrace, limit, preparation) is { } failure)
            {
                frozen.Dispose();
                frozen.Failure = failure;
                return frozen;
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

    public void Dispose()
    {
        foreach (WatchedProcess watch in _watches)
            watch.SetFrozen(false);
        foreach (StoppedProcess stopped in _stopped)
            stopped.Release();
        _watches.Clear();
        _stopped.Clear();
    }

    /// <summary>Whether no thread has run since all were stopped; some were left asleep.</summary>
    internal bool HaveStayedStill() => _stopped.All(stopped => stopped.HasStayedStill());

    /// <summary>
    /// Stops the processes that run in the memory of a watched one. They come after it: a child of vfork runs in its parent's memory, too, but
    /// the parent cannot stop before the child has executed its program, and then it does not share the memory any more.
    /// </summary>
    /// <returns>Why one of them could not be stopped; null if all were.</returns>
    private string? StopPartners(PtraceThread ptrace, TimeSpan limit, FreezePreparation preparation)
    {
        foreach (WatchedProcess watch in _watches)
        {
            foreach (int partner in preparation.PartnersOf(watch.ProcessId))
            {
                if (_watches.Exists(other => other.ProcessId == partner) || Kcmp.SameAddressSpace(watch.ProcessId, partner) != true)
                    continue;
                FreezeResult result = StoppedProcess.TryFreeze(ptrace, partner, limit);
                if (result.Outcome == FreezeOutcome.ThreadDidNotStop)
                    return $"{result.Message} (It runs in the memory of process {watch.ProcessId}.)";
                if (result.Process is not { } stopped)
                    continue;
                _stopped.Add(stopped);
                Partners.Add((partner, watch.ProcessId));
            }
        }

        return null;
    }

    private void Add(StoppedProcess stopped, WatchedProcess watch)
    {
        _stopped.Add(stopped);
        _watches.Add(watch);
        watch.SetFrozen(true);
    }
}
