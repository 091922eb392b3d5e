using System.Globalization;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Mirror;

namespace MmuNotifier.Tool.Reporting;

/// <summary>What is shown while the mirror runs.</summary>
internal sealed record Progress(
    TimeSpan Elapsed,
    int Processes,
    long Pages,
    long Rounds,
    long Unmaps,
    long Clears,
    long Forks,
    long Written,
    long Retries,
    int Freezes,
    double LastPauseMillis,
    double LastCatchUpMillis,
    long Differing)
{
    internal static Progress Of(MirrorSession session)
    {
        SessionTotals totals = session.AddUp();
        WatchCounters counters = totals.Watches;
        Freeze? last = session.Freezes.LastOrDefault();
        return new Progress(
            session.Elapsed,
            session.ProcessesAlive,
            totals.PagesHeld,
            session.Rounds,
            counters.Unmaps + counters.Remaps + counters.Vanished,
            counters.Removes + counters.Dropped + counters.Polled,
            counters.Forks,
            counters.WrittenRanges,
            totals.ReadRetries,
            session.Freezes.Count,
            last?.Pause.TotalMilliseconds ?? 0,
            last?.CatchUp.TotalMilliseconds ?? 0,
            session.Freezes.Sum(freeze => freeze.Comparison.Differing));
    }

    internal string MirroredText => string.Create(CultureInfo.InvariantCulture, $"{(Pages * 4096) / (1024.0 * 1024):F1} MiB");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Elapsed.TotalSeconds:F1} s: {MirroredText} mirrored of {Processes} processes; {Unmaps} unmap, {Clears} clear, {Forks} fork, "
            + $"{Written} written; {Rounds} rounds, {Retries} retries; {Freezes} freezes, last paused {LastPauseMillis:F1} ms; "
            + $"{Differing} differing");
}
