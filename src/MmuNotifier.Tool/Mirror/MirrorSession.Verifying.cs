using System.Diagnostics;
using MmuNotifier.Linux;
using MmuNotifier.Linux.Watching;

namespace MmuNotifier.Tool.Mirror;

/// <content>Verification: freeze, catch up, compare, let go on.</content>
internal sealed partial class MirrorSession
{
    private const int MaxRoundsBefore = 3;

    /// <summary>So few pages are copied in a millisecond or two; another round before the freeze would not make it shorter.</summary>
    private const long FewPages = 2048;

    private static readonly TimeSpan LongestPreparation = TimeSpan.FromMilliseconds(500);

    /// <summary>The verifications made.</summary>
    internal List<Freeze> Freezes { get; } = [];

    /// <summary>Why verifications could not be made.</summary>
    internal List<(TimeSpan At, string Reason)> FreezesAbandoned { get; } = [];

    /// <summary>
    /// Rounds just before the freeze leave little to copy in it, but must not put it off; then all processes are stopped together, so that
    /// memory they share among themselves cannot change either.
    /// </summary>
    private void Verify()
    {
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
        _sharing = _watcher.SurveySharing(WatchesAlive());
        if (_live.Count == 0)
            return;
        TimeSpan at = Elapsed;
        try
        {
            using FrozenProcesses frozen = _watcher.Freeze(WatchesAlive(), _options.FreezeLimit);
            if (frozen.Failure is { } failure)
                FreezesAbandoned.Add((at, failure));
            else if (frozen.Watches.Count > 0)
                VerifyFrozen(frozen, at);
        }
        catch (ProcessAttachException refusal)
        {
            FreezesAbandoned.Add((at, refusal.Message));
        }
    }

    /// <summary>
    /// Compares the memory that a launched program has left. Nobody waits for it: the program has ended already. Other processes go on, so
    /// memory that it shared with any of them is not compared.
    /// </summary>
    private void VerifyEnded(ProcessMirror mirror)
    {
        if (!mirror.Watch.IsKeptAfterEnd)
            return;
        _sharing = _watcher.SurveySharing([mirror.Watch]);
        using FrozenProcesses frozen = _watcher.FreezeEnded(mirror.Watch);
        VerifyFrozen(frozen, Elapsed, isAfterEnd: true);
    }

    private void VerifyFrozen(FrozenProcesses frozen, TimeSpan at, bool isAfterEnd = false)
    {
        ProcessMirror[] mirrors = [.. _live.Where(mirror => frozen.Watches.Contains(mirror.Watch))];
        long fetched = mirrors.Sum(mirror => mirror.PagesFetched);
        long begin = Stopwatch.GetTimestamp();
        foreach (ProcessMirror mirror in mirrors)
            mirror.LookFrozen(_sharing);
        // Whether shared memory is mapped twice is only certain now.
        MemorySharing sharing = _sharing.CountedAnew(frozen.Watches);
        bool[] isThere = [.. mirrors.Select(mirror => mirror.CatchUp(sharing, isFrozen: true))];
        TimeSpan catchUp = Stopwatch.GetElapsedTime(begin);

        begin = Stopwatch.GetTimestamp();
        var comparison = default(Comparison);
        for (int i = 0; i < mirrors.Length; i++)
        {
            if (!isThere[i])
                continue; // Another program was executed just before the stop; the next round attaches anew.
            Comparison own = mirrors[i].Compare();
            comparison.Compared += own.Compared;
            comparison.Differing += own.Differing;
        }

        TimeSpan compare = Stopwatch.GetElapsedTime(begin);
        int processes = frozen.Watches.Count;
        frozen.Dispose();
        Freezes.Add(new Freeze(
            at,
            processes,
            frozen.StopTime,
            catchUp,
            compare,
            isAfterEnd ? TimeSpan.Zero : frozen.Elapsed,
            mirrors.Sum(mirror => mirror.PagesFetched) - fetched,
            comparison,
            isAfterEnd));
    }

    /// <summary>A tenth of the time between two verifications, so that they are on time.</summary>
    private TimeSpan Preparation =>
        _options.VerifyEvery is { } interval && interval / 10 < LongestPreparation ? interval / 10 : LongestPreparation;

    private List<WatchedProcess> WatchesAlive() => [.. _live.Select(mirror => mirror.Watch).Where(watch => !watch.IsOver)];
}
