using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>One mapping from the first look that has found it to the last.</summary>
internal sealed class MappingStory(int id, LiveMapping first, TimeSpan from)
{
    private EventCounts _events;

    internal int Id => id;

    internal LiveMapping First { get; } = first;

    /// <summary>As it was last seen.</summary>
    internal LiveMapping Last { get; set; } = first;

    internal TimeSpan From => from;

    /// <summary>When it was gone; null if it was there at the last look.</summary>
    internal TimeSpan? GoneAt { get; set; }

    /// <summary>How many pages were in memory, from each look on at which that has changed.</summary>
    internal List<(TimeSpan At, long Pages)> Resident { get; } = [];

    internal long MostSizePages { get; set; } = MemorySample.PagesIn(first.Range);

    internal long MostResidentPages { get; private set; }

    internal long ResidentPages => Resident.Count > 0 ? Resident[^1].Pages : 0;

    /// <summary>A page counts once for each look before which it was written.</summary>
    internal long WrittenPages { get; private set; }

    internal int LooksWritten { get; private set; }

    internal long MostWrittenAtOnce { get; private set; }

    internal ref EventCounts Events => ref _events;

    internal void SetResident(TimeSpan at, long pages)
    {
        if (pages == ResidentPages)
            return;
        Resident.Add((at, pages));
        MostResidentPages = Math.Max(MostResidentPages, pages);
    }

    internal void AddWritten(long pages)
    {
        WrittenPages += pages;
        LooksWritten++;
        MostWrittenAtOnce = Math.Max(MostWrittenAtOnce, pages);
    }
}
