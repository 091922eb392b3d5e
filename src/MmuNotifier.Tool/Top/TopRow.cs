using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>A mapping over time.</summary>
internal sealed class TopRow(int id, LiveMapping mapping)
{
    internal const int MaxHistory = 64;
    private const int MaxRecentEvents = 16;

    private EventCounts _events;

    internal int Id => id;

    /// <summary>As the last look that has found it shows it.</summary>
    internal LiveMapping Mapping { get; set; } = mapping;

    /// <summary>For how many looks it has been gone; 0 if it is there.</summary>
    internal int LooksGone { get; set; }

    internal long ResidentPages { get; set; }

    /// <summary>Pages that it has more in memory than at the first look.</summary>
    internal long GrowthPages { get; set; }

    internal double GrowthPagesPerSecond { get; set; }

    /// <summary>Since the first look.</summary>
    internal long WrittenPages { get; set; }

    internal double WrittenPagesPerSecond { get; set; }

    internal double EventsPerSecond { get; set; }

    internal ref EventCounts Events => ref _events;

    /// <summary>Pages that were written in each of the last looks, the latest one last.</summary>
    internal List<double> History { get; } = [];

    /// <summary>The last events, the latest one last.</summary>
    internal List<MemoryEvent> RecentEvents { get; } = [];

    internal long SizePages => MemorySample.PagesIn(Mapping.Range);

    /// <summary>For the order of rows: bytes written and changed each second; an event counts as sixteen pages.</summary>
    internal double Activity => WrittenPagesPerSecond + (16 * EventsPerSecond) + Math.Abs(GrowthPagesPerSecond);

    internal void AddToHistory(double written)
    {
        History.Add(written);
        if (History.Count > MaxHistory)
            History.RemoveAt(0);
    }

    internal void AddEvent(in MemoryEvent memoryEvent)
    {
        _events.Add(memoryEvent.Kind);
        RecentEvents.Add(memoryEvent);
        if (RecentEvents.Count > MaxRecentEvents)
            RecentEvents.RemoveAt(0);
    }
}
