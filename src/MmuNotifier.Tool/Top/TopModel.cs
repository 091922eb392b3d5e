using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>What <c>mmun top</c> shows: the looks at a process, added up. No clock and no process: a test makes the looks.</summary>
internal sealed class TopModel
{
    /// <summary>For how many looks a mapping that is gone is still shown.</summary>
    internal const int LooksShownGone = 8;

    /// <summary>How many looks heat lasts.</summary>
    internal const int MaxRecent = 8;

    private const int MaxHistory = 256;
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GrowthWindow = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, TopRow> _rows = [];
    private readonly Queue<Look> _window = [];
    private EventCounts _events;

    internal required int ProcessId { get; init; }

    internal string Command { get; set; } = "";

    /// <summary>How often and for how long the process was stopped.</summary>
    internal int Stops { get; set; }

    internal TimeSpan Stopped { get; set; }

    /// <summary>Of one processor, what mmun itself uses; 0 to the number of processors.</summary>
    internal double OwnProcessorShare { get; set; }

    internal IReadOnlyCollection<TopRow> Rows => _rows.Values;

    internal TimeSpan At { get; private set; }

    /// <summary>How long the last look's period was.</summary>
    internal TimeSpan Period { get; private set; }

    internal int Mappings { get; private set; }

    internal int NotSeen { get; private set; }

    internal long MappedPages { get; private set; }

    internal long ResidentPages { get; private set; }

    internal double WrittenPagesPerSecond { get; private set; }

    internal double EventsPerSecond { get; private set; }

    internal long EventsLost { get; private set; }

    /// <summary>The estimated share of its time that the process was held up, over the last looks.</summary>
    internal double CostShare { get; private set; }

    internal EventCounts Events => _events;

    /// <summary>Pages that were written each second, in each of the last looks.</summary>
    internal List<double> History { get; } = [];

    /// <summary>The last looks, the latest one last: for heat.</summary>
    internal List<MemorySample> Recent { get; } = [];

    internal void Add(MemorySample sample)
    {
        (At, Period, Mappings) = (sample.At, sample.Period, sample.Mappings.Count);
        Recent.Add(sample);
        if (Recent.Count > MaxRecent)
            Recent.RemoveAt(0);
        long[] written = MemorySample.CountIn(sample.Mappings, sample.Written);
        long[] resident = MemorySample.CountIn(sample.Mappings, sample.Resident);
        if (sample.Events.Any(each => each.Kind == MemoryEventKind.Executed))
            _rows.Clear();
        UpdateRows(sample, written, resident);
        Dictionary<int, int> events = AddEvents(sample);
        _window.Enqueue(new Look(sample.At, sample.Period, sample.Ids, written, resident, events));
        while (_window.Count > 1 && _window.Peek().At < sample.At - GrowthWindow)
            _ = _window.Dequeue();
        UpdateRates();
        MappedPages = sample.Mappings.Sum(mapping => MemorySample.PagesIn(mapping.Range));
        ResidentPages = resident.Sum();
        NotSeen = sample.Mappings.Count(mapping => mapping.NotSeen is not null && !MappingText.IsClock(mapping.Name));
        EventsLost += sample.EventsLost;
        if (sample.Period > TimeSpan.Zero)
            History.Add(written.Sum() / sample.Period.TotalSeconds);
        if (History.Count > MaxHistory)
            History.RemoveAt(0);
        TimeSpan period = Recent.Aggregate(TimeSpan.Zero, (sum, each) => sum + each.Period);
        TimeSpan cost = Recent.Aggregate(TimeSpan.Zero, (sum, each) => sum + each.Cost);
        CostShare = period > TimeSpan.Zero ? cost / period : 0;
    }

    private void UpdateRows(MemorySample sample, long[] written, long[] resident)
    {
        foreach (TopRow row in _rows.Values)
            row.LooksGone++;
        for (int i = 0; i < written.Length; i++)
        {
            if (!_rows.TryGetValue(sample.Ids[i], out TopRow? row))
            {
                row = new TopRow(sample.Ids[i], sample.Mappings[i]) { GrowthPages = 0 };
                // What is mapped later has grown from nothing.
                row.ResidentPages = _window.Count == 0 ? resident[i] : 0;
                _rows.Add(row.Id, row);
            }

            row.GrowthPages += resident[i] - row.ResidentPages;
            (row.Mapping, row.ResidentPages, row.LooksGone) = (sample.Mappings[i], resident[i], 0);
            row.WrittenPages += written[i];
            if (sample.Period > TimeSpan.Zero)
                row.AddToHistory(written[i]);
        }

        foreach (TopRow row in _rows.Values.Where(row => row.LooksGone > 0).ToList())
        {
            row.GrowthPages -= row.ResidentPages;
            row.ResidentPages = 0;
            row.AddToHistory(0);
            if (row.LooksGone > LooksShownGone)
                _rows.Remove(row.Id);
        }
    }

    /// <returns>How many events each mapping had.</returns>
    private Dictionary<int, int> AddEvents(MemorySample sample)
    {
        Dictionary<int, int> counts = [];
        List<TopRow> gone = [.. _rows.Values.Where(row => row.LooksGone > 0)];
        foreach (MemoryEvent memoryEvent in sample.Events)
        {
            _events.Add(memoryEvent.Kind);
            if (memoryEvent.Kind is MemoryEventKind.Forked or MemoryEventKind.Executed)
                continue;
            AddressRange place = memoryEvent.Kind == MemoryEventKind.Moved ? memoryEvent.NewRange : memoryEvent.Range;
            int index = FirstFrom(sample, place.Start);
            TopRow? row = index < sample.Mappings.Count && sample.Mappings[index].Range.Overlaps(place)
                ? _rows[sample.Ids[index]]
                : gone.Find(each => each.Mapping.Range.Overlaps(memoryEvent.Range));
            if (row is null)
                continue;
            row.AddEvent(memoryEvent);
            counts[row.Id] = counts.GetValueOrDefault(row.Id) + 1;
        }

        counts[0] = sample.Events.Count;
        return counts;
    }

    private void UpdateRates()
    {
        double seconds = 0;
        Dictionary<int, double> written = [], events = [];
        double allWritten = 0;
        foreach (Look look in _window)
        {
            if (look.At <= At - RateWindow && look.At != At)
                continue;
            seconds += look.Period.TotalSeconds;
            allWritten += look.Written.Sum();
            for (int i = 0; i < look.Ids.Count; i++)
            {
                if (look.Written[i] != 0)
                    written[look.Ids[i]] = written.GetValueOrDefault(look.Ids[i]) + look.Written[i];
            }

            foreach ((int id, int count) in look.Events)
                events[id] = events.GetValueOrDefault(id) + count;
        }

        seconds = Math.Max(seconds, 1e-3);
        (WrittenPagesPerSecond, EventsPerSecond) = (allWritten / seconds, events.GetValueOrDefault(0) / seconds);
        Dictionary<int, long> first = [];
        Look oldest = _window.Peek();
        for (int i = 0; i < oldest.Ids.Count; i++)
            first[oldest.Ids[i]] = oldest.Resident[i];
        // The first look of all has no look before it to grow from: its period counts.
        double span = Math.Max((At - oldest.At).TotalSeconds, 1e-3);
        foreach (TopRow row in _rows.Values)
        {
            row.WrittenPagesPerSecond = written.GetValueOrDefault(row.Id) / seconds;
            row.EventsPerSecond = events.GetValueOrDefault(row.Id) / seconds;
            row.GrowthPagesPerSecond = _window.Count > 1 ? (row.ResidentPages - first.GetValueOrDefault(row.Id)) / span : 0;
        }
    }

    private static int FirstFrom(MemorySample sample, ulong address)
    {
        (int low, int high) = (0, sample.Mappings.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sample.Mappings[middle].Range.Last < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private sealed record Look(
        TimeSpan At, TimeSpan Period, IReadOnlyList<int> Ids, long[] Written, long[] Resident, Dictionary<int, int> Events);
}
