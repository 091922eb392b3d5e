using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Sampling;

/// <summary>What one look at a process has shown, and what has happened since the look before.</summary>
internal sealed record MemorySample
{
    /// <summary>When the look was, since the first one.</summary>
    internal required TimeSpan At { get; init; }

    /// <summary>Since the look before: the time that writes and events are of.</summary>
    internal required TimeSpan Period { get; init; }

    /// <summary>In the order of addresses.</summary>
    internal required IReadOnlyList<LiveMapping> Mappings { get; init; }

    /// <summary>The number of each mapping, which it keeps from look to look.</summary>
    internal required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Pages that are in memory; in ascending order, joined.</summary>
    internal required IReadOnlyList<AddressRange> Resident { get; init; }

    /// <summary>Pages that were written since the look before; in ascending order, joined.</summary>
    internal required IReadOnlyList<AddressRange> Written { get; init; }

    /// <summary>What the kernel has reported and what the look has found.</summary>
    internal required IReadOnlyList<MemoryEvent> Events { get; init; }

    /// <summary>How many events had no room.</summary>
    internal long EventsLost { get; init; }

    /// <summary>What the look and the events have cost the process, estimated.</summary>
    internal TimeSpan Cost { get; init; }

    /// <summary>How long this process has worked on it.</summary>
    internal TimeSpan Duration { get; init; }

    /// <summary>How many of the pages lie in each mapping; both in the order of addresses.</summary>
    internal static long[] CountIn(IReadOnlyList<LiveMapping> mappings, IReadOnlyList<AddressRange> ranges)
    {
        var counts = new long[mappings.Count];
        int next = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            AddressRange mapping = mappings[i].Range;
            while (next < ranges.Count && ranges[next].Last < mapping.Start)
                next++;
            for (int j = next; j < ranges.Count && ranges[j].TryIntersect(mapping, out AddressRange part); j++)
                counts[i] += PagesIn(part);
        }

        return counts;
    }

    internal static long PagesIn(AddressRange range) => (long)(((range.Last - range.Start) >> PageShift) + 1);

    internal const int PageShift = 12;
}
