namespace MmuNotifier.Processes.Mirroring;

/// <summary>How a session goes. Counts are of all processes together since it began, if nothing else is said.</summary>
/// <param name="Elapsed">How long it has run.</param>
/// <param name="Processes">Processes that are mirrored now.</param>
/// <param name="Pages">Pages of 4096 bytes that are held now.</param>
/// <param name="Rounds">How often the mirror was brought up to date while the target ran.</param>
/// <param name="Unmaps">Invalidations because of unmapping and moving.</param>
/// <param name="Clears">Invalidations because pages were dropped.</param>
/// <param name="Forks">Invalidations because of forks.</param>
/// <param name="Written">Ranges found written.</param>
/// <param name="Retries">Read sections that had to be repeated.</param>
/// <param name="Freezes">Verifications.</param>
/// <param name="LastPauseMillis">How long the processes were stopped for the last one, in milliseconds.</param>
/// <param name="LastCatchUpMillis">How much of that it took to bring the mirror up to date, in milliseconds.</param>
/// <param name="Differing">Pages that differed, all verifications together.</param>
public sealed record MirrorProgress(
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
    internal static MirrorProgress Of(MirrorSession session)
    {
        SessionTotals totals = session.AddUp();
        WatchCounters counters = totals.Watches;
        Freeze? last = session.Freezes.LastOrDefault();
        return new MirrorProgress(
            session.Elapsed,
            session.ProcessesAlive,
            totals.PagesHeld,
            session.Rounds,
            counters.Unmaps + counters.Remaps + counters.Vanished,
            counters.Removes + counters.Dropped,
            counters.Forks,
            counters.WrittenRanges,
            totals.ReadRetries,
            session.Freezes.Count,
            last?.Pause.TotalMilliseconds ?? 0,
            last?.CatchUp.TotalMilliseconds ?? 0,
            session.Freezes.Sum(freeze => freeze.Comparison.Differing));
    }
}
