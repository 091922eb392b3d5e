namespace MmuNotifier.Processes.Mirroring;

/// <summary>The counters of several mirrors, added up.</summary>
internal sealed class SessionTotals
{
    internal long Processes { get; private set; }

    internal long PagesHeld { get; private set; }

    /// <summary>The most that each held at one time, added up.</summary>
    internal long PeakPages { get; private set; }

    internal long PagesFetched { get; private set; }

    internal long PagesNotMirrored { get; private set; }

    internal long ReadRetries { get; private set; }

    internal bool IsWithoutForkEvents { get; private set; }

    internal WatchCounters Watches { get; } = new();

    internal NotifierCounters Notifiers { get; } = new();

    internal void Add(ProcessMirror mirror)
    {
        Processes++;
        PagesHeld += mirror.PagesHeld;
        PeakPages += mirror.PeakPages;
        PagesFetched += mirror.PagesFetched;
        PagesNotMirrored += mirror.NotMirrored.Sum(note => note.Pages);
        ReadRetries += mirror.ReadRetries;
        IsWithoutForkEvents |= !mirror.Watch.HasForkEvents;
        Watches.Add(mirror.Watch.Counters);
        Notifiers.Add(mirror.Notifiers);
    }

    internal void Add(SessionTotals other)
    {
        Processes += other.Processes;
        PagesHeld += other.PagesHeld;
        PeakPages += other.PeakPages;
        PagesFetched += other.PagesFetched;
        PagesNotMirrored += other.PagesNotMirrored;
        ReadRetries += other.ReadRetries;
        IsWithoutForkEvents |= other.IsWithoutForkEvents;
        Watches.Add(other.Watches);
        Notifiers.Add(other.Notifiers);
    }
}
