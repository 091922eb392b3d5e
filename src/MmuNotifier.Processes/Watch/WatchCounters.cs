namespace MmuNotifier.Processes;

/// <summary>
/// What a watch has seen. Written by the event reader and by the thread that refreshes and scans; read by anybody.
/// </summary>
internal sealed class WatchCounters
{
    internal long Unmaps;
    internal long Remaps;
    internal long Removes;
    internal long Forks;
    internal long Protections;

    /// <summary>Mappings that were gone or replaced without an event, because they cannot be registered.</summary>
    internal long Vanished;

    /// <summary>Ranges found written.</summary>
    internal long WrittenRanges;

    internal long WrittenPages;

    /// <summary>Pages that were there and are not, without an event.</summary>
    internal long Dropped;

    /// <summary>Whole mappings taken as changed because their file changed or their changes cannot be seen.</summary>
    internal long Polled;

    internal long Exits;

    /// <summary>Lines of the maps that were parsed: those that the reading before did not have.</summary>
    internal long LinesParsed;

    /// <summary>Registrations asked for.</summary>
    internal long Registrations;

    /// <summary>Reads of events that failed: an event may have been lost.</summary>
    internal long EventsLost;

    /// <summary>Adds those of another watch, as they are now.</summary>
    internal void Add(WatchCounters other)
    {
        Unmaps += other.Unmaps;
        Remaps += other.Remaps;
        Removes += other.Removes;
        Forks += other.Forks;
        Protections += other.Protections;
        Vanished += other.Vanished;
        WrittenRanges += other.WrittenRanges;
        WrittenPages += other.WrittenPages;
        Dropped += other.Dropped;
        Polled += other.Polled;
        Exits += other.Exits;
        LinesParsed += other.LinesParsed;
        Registrations += other.Registrations;
        EventsLost += other.EventsLost;
    }
}
