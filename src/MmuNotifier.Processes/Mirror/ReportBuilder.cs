using System.Globalization;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>Adds up a session's counters into a report.</summary>
internal static class ReportBuilder
{
    internal static MirrorReport Build(MirrorSession session)
    {
        ProcessMirror[] mirrors = [.. session.Mirrors];
        SessionTotals totals = session.AddUp();
        WatchCounters counters = totals.Watches;
        long allPages = totals.PeakPages + totals.PagesNotMirrored;
        return new MirrorReport
        {
            Target = new TargetReport(
                session.TargetProcessId ?? 0, session.TargetCommand, session.IsLaunched, session.TargetExitCode),
            DurationSeconds = Seconds(session.Elapsed),
            Rounds = session.Rounds,
            PagesMirrored = totals.PeakPages,
            PagesFetched = totals.PagesFetched,
            PagesCompared = session.Freezes.Sum(freeze => freeze.Comparison.Compared),
            PagesDiffering = session.Freezes.Sum(freeze => freeze.Comparison.Differing),
            EventsLost = counters.EventsLost,
            Invalidations = new InvalidationsReport(
                Unmap: counters.Unmaps + counters.Remaps + counters.Vanished,
                Clear: counters.Removes + counters.Dropped + counters.Polled,
                ProtectionVma: counters.Protections,
                ProtectionPage: counters.Forks,
                Release: counters.Exits,
                Written: counters.WrittenRanges),
            Events = new EventsReport(
                Unmap: counters.Unmaps,
                Remap: counters.Remaps,
                Remove: counters.Removes,
                Fork: counters.Forks,
                Vanished: counters.Vanished,
                Protection: counters.Protections,
                Dropped: counters.Dropped,
                ReadAgain: counters.Polled),
            PagesWritten = counters.WrittenPages,
            Notifiers = new NotifiersReport(
                totals.Notifiers.Inserted,
                totals.Notifiers.Split,
                totals.Notifiers.Moved,
                totals.Notifiers.Removed,
                totals.Notifiers.InsideCallbacks),
            ReadRetries = totals.ReadRetries,
            NotMirrored = [.. mirrors.SelectMany(mirror => mirror.NotMirrored.Select(note => Describe(mirror, note, allPages)))],
            MirroredByReading =
                [.. mirrors.SelectMany(mirror => mirror.MirroredByReading.Select(note => Describe(mirror, note, allPages)))],
            Freezes = [.. session.Freezes.Select(Describe)],
            FreezesAbandoned =
                [.. session.FreezesAbandoned.Select(freeze => new AbandonedFreezeReport(Seconds(freeze.At), freeze.Reason))],
            ProcessesMirrored = totals.Processes,
            Processes = [.. mirrors.Select(Describe)],
            ChildrenFound = session.ChildrenFound,
            Children = [.. session.Children.Select(child => new ChildReport(child.ProcessId, child.Command, child.Outcome))],
            Differences = [.. mirrors.SelectMany(DescribeDifferences)],
            Notes = Notes(session, totals),
        };
    }

    private static List<string> Notes(MirrorSession session, SessionTotals totals)
    {
        var notes = new List<string>();
        if (totals.IsWithoutForkEvents)
            notes.Add("No events reported forks, because those need CAP_SYS_PTRACE; each round looked for children instead.");
        notes.AddRange(session.Remarks);
        return notes;
    }

    private static MemoryReport Describe(ProcessMirror mirror, MemoryNote note, long allPages) => new(
        mirror.Watch.ProcessId,
        Hex(note.Range.Start),
        Hex(note.Range.Last),
        note.Name,
        note.Reason,
        note.Pages,
        allPages == 0 ? 0 : Math.Round((double)note.Pages / allPages, 6));

    private static FreezeReport Describe(Freeze freeze) => new(
        Seconds(freeze.At),
        freeze.Processes,
        Micros(freeze.Stop),
        Micros(freeze.CatchUp),
        Micros(freeze.Compare),
        Micros(freeze.Pause),
        freeze.PagesRefreshed,
        freeze.PagesLeft,
        freeze.Comparison.Compared,
        freeze.Comparison.Differing,
        freeze.IsAfterEnd);

    private static ProcessReport Describe(ProcessMirror mirror) => new(
        mirror.Watch.ProcessId,
        mirror.Command,
        mirror.FoundBy,
        mirror.PeakPages,
        mirror.PagesCompared,
        mirror.Watch.HasForkEvents,
        mirror.Watch.Failure?.Message);

    private static IEnumerable<DifferenceReport> DescribeDifferences(ProcessMirror mirror) =>
        mirror.Differences.Select(address => new DifferenceReport(mirror.Watch.ProcessId, Hex(address)));

    private static string Hex(ulong address) => string.Create(CultureInfo.InvariantCulture, $"0x{address:x}");

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static long Micros(TimeSpan time) => (long)time.TotalMicroseconds;
}
