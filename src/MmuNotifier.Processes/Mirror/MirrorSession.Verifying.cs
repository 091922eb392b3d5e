using System.Diagnostics;

namespace MmuNotifier.Processes.Mirroring;

/// <content>Verification: freeze, catch up, compare, let the processes run.</content>
public sealed partial class MirrorSession
{
    private const int MaxRoundsBefore = 3;

    /// <summary>This few pages are copied in a millisecond or two; another round before the freeze would not make it shorter.</summary>
    private const long FewPages = 2048;

    /// <summary>Freezes for one verification; in the last one every thread is stopped.</summary>
    private const int MaxAttempts = 3;

    private static readonly TimeSpan LongestPreparation = TimeSpan.FromMilliseconds(500);

    /// <summary>Otherwise a large target of which little has been copied yet would stand still for long.</summary>
    private static readonly TimeSpan LongestCopying = TimeSpan.FromSeconds(2);

    private readonly HashSet<int> _partnersNamed = [];

    /// <summary>The verifications made.</summary>
    internal List<Freeze> Freezes { get; } = [];

    /// <summary>Why verifications could not be made.</summary>
    internal List<(TimeSpan At, string Reason)> FreezesAbandoned { get; } = [];

    /// <summary>
    /// Rounds just before the freeze leave little to copy in it, but they must not delay it; then all processes are stopped together, so
    /// that memory they share among themselves cannot change either.
    /// </summary>
    private void Verify()
    {
        FreezePreparation preparation = FreezePreparation.Make(WatchesAlive());
        var limit = new WorkLimit(_clock, Elapsed + Preparation, CancellationToken.None);
        for (int i = 0; i < MaxRoundsBefore && _live.Count > 0 && !limit.IsOver; i++)
        {
            long fetched = _live.Sum(mirror => mirror.PagesFetched);
            Round(limit);
            if (_live.Sum(mirror => mirror.PagesFetched) - fetched < FewPages)
                break;
        }

        foreach (ProcessMirror mirror in _live)
            mirror.PrepareFreeze();
        if (_live.Count == 0)
            return;
        VerifyStill(WatchesAlive, watches => _watcher.Freeze(watches, _options.FreezeLimit, preparation), preparation, isAfterEnd: false);
    }

    /// <summary>Freezes and compares until nothing has run during the freeze.</summary>
    private void VerifyStill(
        Func<List<WatchedProcess>> choose, Func<List<WatchedProcess>, FrozenProcesses> freeze, FreezePreparation preparation,
            bool isAfterEnd)
    {
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (TryVerify(() => SurveyAndFreeze(choose(), freeze), preparation, isAfterEnd))
                return;

            // Threads that were left asleep before and still sleep are left asleep again; the others are stopped. The last time, all are.
            if (attempt == MaxAttempts - 1)
                preparation.StopSleepers();
        }

        FreezesAbandoned.Add((Elapsed, "something ran in the memory of the processes during the freeze, and it is not known what"));
    }

    private FrozenProcesses SurveyAndFreeze(List<WatchedProcess> watches, Func<List<WatchedProcess>, FrozenProcesses> freeze)
    {
        _sharing = _watcher.SurveySharing(watches);
        return freeze(watches);
    }

    /// <returns>
    /// False if something ran in the memory during the freeze, so that nothing is known: a thread that was left asleep woke up, or there is
    /// another process in the same memory.
    /// </returns>
    private bool TryVerify(Func<FrozenProcesses> freeze, FreezePreparation preparation, bool isAfterEnd)
    {
        TimeSpan at = Elapsed;
        bool isDone = true;
        try
        {
            using FrozenProcesses frozen = freeze();
            if (frozen.Failure is { } failure)
                FreezesAbandoned.Add((at, failure));
            else if (frozen.Watches.Count > 0)
                isDone = VerifyFrozen(frozen, at, preparation, isAfterEnd);
            if (isDone)
                FreezesAbandoned.AddRange(frozen.LeftOut.Select(left => (at, $"not of all processes. {left.Reason}")));
        }
        catch (ProcessAttachException refusal)
        {
            FreezesAbandoned.Add((at, refusal.Message));
        }

        return isDone;
    }

    /// <summary>
    /// Compares the memory that a launched program has left. Nobody waits for it: the program has ended already. Other processes keep
    /// running, so memory that it shared with any of them is not compared.
    /// </summary>
    private void VerifyEnded(ProcessMirror mirror)
    {
        if (!mirror.Watch.IsKeptAfterEnd)
            return;
        FreezePreparation preparation = FreezePreparation.Make([mirror.Watch]);
        VerifyStill(
            () => [mirror.Watch],
            watches => _watcher.FreezeEnded(watches[0], _options.FreezeLimit, preparation),
            preparation,
            isAfterEnd: true);
    }

    private bool VerifyFrozen(FrozenProcesses frozen, TimeSpan at, FreezePreparation preparation, bool isAfterEnd)
    {
        ProcessMirror[] mirrors = [.. _live.Where(mirror => frozen.Watches.Contains(mirror.Watch))];
        long fetched = mirrors.Sum(mirror => mirror.PagesFetched);
        long begin = Stopwatch.GetTimestamp();
        foreach (ProcessMirror mirror in mirrors)
            mirror.LookFrozen(_sharing);
        // Whether shared memory is mapped twice is only certain now.
        MemorySharing sharing = _sharing.CountedAnew([.. frozen.Watches, .. frozen.LeftOut.Select(left => left.Watch)]);
        // Nobody waits for a process that has ended.
        WorkLimit limit = isAfterEnd ? default : new WorkLimit(_clock, Elapsed + LongestCopying, CancellationToken.None);
        bool[] isThere = [.. mirrors.Select(mirror => mirror.CatchUp(sharing, isFrozen: true, limit))];
        TimeSpan catchUp = Stopwatch.GetElapsedTime(begin);

        begin = Stopwatch.GetTimestamp();
        var comparison = default(Comparison);
        for (int i = 0; i < mirrors.Length; i++)
        {
            if (!isThere[i])
            {
                // If another program was executed just before the stop, the next round attaches again.
                if (!mirrors[i].Watch.IsImageGone)
                    FreezesAbandoned.Add((at, $"not of process {mirrors[i].Watch.ProcessId}: its memory could not be looked at"));
                continue;
            }

            Comparison own = mirrors[i].Compare();
            comparison.Compared += own.Compared;
            comparison.Differing += own.Differing;
        }

        TimeSpan compare = Stopwatch.GetElapsedTime(begin);
        int processes = frozen.Watches.Count;
        bool hasRun = !frozen.HaveStayedStill() || (comparison.Differing > 0 && preparation.FindPartners(frozen.Watches));
        foreach ((int partner, int processId) in frozen.Partners)
            NamePartner(partner, processId);
        frozen.Dispose();
        if (hasRun)
        {
            for (int i = 0; i < mirrors.Length; i++)
            {
                if (isThere[i])
                    mirrors[i].TakeBackComparison();
            }

            return false;
        }

        long left = mirrors.Sum(mirror => mirror.PagesLeft);
        if (left > 0)
        {
            Remark("Not every page was compared each time: a freeze copies for two seconds at most, and what it has left is copied and "
                + "compared later (pages left, in the table of freezes).");
        }

        Freezes.Add(new Freeze(
            at,
            processes,
            frozen.StopTime,
            catchUp,
            compare,
            isAfterEnd ? TimeSpan.Zero : frozen.Elapsed,
            mirrors.Sum(mirror => mirror.PagesFetched) - fetched,
            left,
            comparison,
            isAfterEnd));
        return true;
    }

    private void NamePartner(int partner, int processId)
    {
        if (_partnersNamed.Add(partner))
            Remark($"Process {partner} ({CommandOf(partner)}) runs in the memory of process {processId} (clone with CLONE_VM) and was "
                + "stopped with it.");
    }

    /// <summary>A tenth of the time between two verifications, so that they are on time.</summary>
    private TimeSpan Preparation =>
        _options.VerifyEvery is { } interval && interval / 10 < LongestPreparation ? interval / 10 : LongestPreparation;

    private List<WatchedProcess> WatchesAlive() => [.. _live.Select(mirror => mirror.Watch).Where(watch => !watch.IsOver)];
}
