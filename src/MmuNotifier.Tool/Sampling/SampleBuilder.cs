using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Sampling;

/// <summary>
/// Makes a sample of each look at one process: numbers its mappings, finds what has changed since the look before, and estimates what
/// looking has cost it. No clock and no process: others look.
/// </summary>
internal sealed class SampleBuilder(RoundCost cost)
{
    private readonly MappingsDifference _difference = new();
    private readonly MappingIdentities _identities = new();
    private TimeSpan _before;
    private MemorySample? _last;

    /// <summary>The look with which it begins: no time has passed, and nothing was written.</summary>
    internal MemorySample Begin(IReadOnlyList<LiveMapping> mappings, IReadOnlyList<AddressRange> resident)
    {
        BeginProgram(mappings);
        return new MemorySample
        {
            At = TimeSpan.Zero,
            Period = TimeSpan.Zero,
            Mappings = mappings,
            Ids = _identities.Assign(mappings, []),
            Resident = resident,
            Written = [],
            Events = [],
        };
    }

    /// <summary>The process executes another program: it has other mappings, which are reported as no event.</summary>
    internal void BeginProgram(IReadOnlyList<LiveMapping> mappings)
    {
        _identities.Reset();
        _difference.Begin(mappings);
    }

    /// <param name="at">When the look was, since the first one.</param>
    /// <param name="mappings">In the order of addresses.</param>
    /// <param name="resident">Pages that are in memory.</param>
    /// <param name="written">Pages found written. What was mapped again or dropped may count as written as well.</param>
    /// <param name="events">What the kernel has reported before the look; gets what the look has found.</param>
    /// <param name="eventsLost">How many more had no room.</param>
    /// <param name="reported">For how many events the process has waited.</param>
    internal MemorySample Add(
        TimeSpan at,
        IReadOnlyList<LiveMapping> mappings,
        IReadOnlyList<AddressRange> resident,
        IReadOnlyList<AddressRange> written,
        List<MemoryEvent> events,
        long eventsLost,
        long reported)
    {
        // Not what was dropped, nor pages of a file that the program has read for the first time.
        List<AddressRange> writable = RangeList.Join(mappings.Where(CanBeWritten).Select(mapping => mapping.Range));
        List<AddressRange> touched = [.. written
            .SelectMany(range => RangeList.Intersect(range, resident))
            .SelectMany(range => RangeList.Intersect(range, writable))];
        _difference.Add(mappings, events, at);
        _last = new MemorySample
        {
            At = at,
            Period = at - _before,
            Mappings = mappings,
            Ids = _identities.Assign(mappings, events),
            Resident = resident,
            Written = touched,
            Events = events,
            EventsLost = eventsLost,
            Cost = cost.OfLook(touched.Sum(MemorySample.PagesIn), mappings.Count) + RoundCost.OfEvents(reported),
        };
        _before = at;
        return _last;
    }

    /// <summary>What has happened between the last look and the end.</summary>
    /// <returns>Null if it is nothing.</returns>
    internal MemorySample? End(TimeSpan at, IReadOnlyList<MemoryEvent> events, long eventsLost)
    {
        if (_last is null || events.Count + eventsLost == 0)
            return null;
        _last = _last with
        {
            At = at,
            Period = at - _before,
            Written = [],
            Events = events,
            EventsLost = eventsLost,
            Cost = TimeSpan.Zero,
            Duration = TimeSpan.Zero,
        };
        _before = at;
        return _last;
    }

    /// <summary>False for what has the content of its file: text and constants of programs.</summary>
    private static bool CanBeWritten(LiveMapping mapping) =>
        !mapping.IsFileBacked || mapping.IsShared || mapping.Protection.HasFlag(Hmm.Protection.Write);
}
