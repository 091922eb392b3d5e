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

    /// <summary>The verifications made.</summary>
    internal List<Freeze> Freezes { get; } = [];

    /// <summary>Why verifications could not be made.</summary>
    internal List<(TimeSpan At, string Reason)> FreezesAbandoned { get; } = [];

    /// <summary>
    /// Rounds just before the freeze leave little to copy in it; then all processes are stopped together, so that memory they share among
    /// themselves cannot change either.
    /// </summary>
    private void Verify()
    {
        for (int i = 0; i < MaxRoundsBefore && _live.Count > 0; i++)
        {
            long fetched = _live.Sum(mirror => mirror.PagesFetched);
            Round();
            if (_live.Sum(mirror => mirror.PagesFetched) - fetched < FewPages)
                break;
        }

        foreach (ProcessMirror mirror in _live)
            mirror.PrepareFreeze();
        if (_live.Count == 0)
            return;
        TimeSpan at = Elapsed;
        try
        {
            _sharing = _watcher.SurveySharing(WatchesAlive());
            using FrozenProcesses frozen = _watcher.Freeze(WatchesAlive(), _options.FreezeLimit);
            if (frozen.Failure is { } failure)
                FreezesAbandoned.Add((at, failure));
            else if (frozen.Watches.Count > 0)
                VerifyFrozen(frozen, at);
            foreach (string reason in frozen.LeftOut)
                FreezesAbandoned.Add((at, $"not of all processes. {reason}"));
        }
        catch (ProcessAttachException refusal)
        {
            FreezesAbandoned.Add((at, refusal.Message));
        }
    }

    private void VerifyFrozen(FrozenProcesses frozen, TimeSpan at)
    {
        ProcessMirror[] mirrors = [.. _live.Where(mirror => frozen.Watches.Contains(mirror.Watch))];
        long fetched = mirrors.Sum(mirror => mirror.PagesFetched);
        long begin = Stopwatch.GetTimestamp();
        foreach (ProcessMirror mirror in mirrors)
            mirror.Watch.Refresh(_sharing);
        // Whether shared memory is mapped twice is only certain now.
        MemorySharing sharing = _sharing.CountedAnew(frozen.Watches);
        bool[] isThere = [.. mirrors.Select(mirror => mirror.CatchUp(sharing, isFrozen: true))];
        TimeSpan catchUp = Stopwatch.GetElapsedTime(begin);

        begin = Stopwatch.GetTimestamp();
        var comparison = default(Comparison);
        for (int i = 0; i < mirrors.Length; i++)
        {
            if (!isThere[i])
            {
                // If another program was executed just before the stop, the next round attaches anew.
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
        frozen.Dispose();
        Freezes.Add(new Freeze(
            at,
            processes,
            frozen.StopTime,
            catchUp,
            compare,
            frozen.Elapsed,
            mirrors.Sum(mirror => mirror.PagesFetched) - fetched,
            comparison));
    }

    private List<WatchedProcess> WatchesAlive() => [.. _live.Select(mirror => mirror.Watch).Where(watch => !watch.IsOver)];
}
