using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>The sums of a recording. Time and memory are in proportion to the file, whatever is in it.</summary>
internal sealed class RecordingAnalysis
{
    private const int MostChurnKinds = 1 << 16;

    private readonly Dictionary<int, MappingStory> _stories = [];
    private readonly Dictionary<(string Name, long Pages), Churn> _churn = [];
    private readonly UnmappedMemory _unmapped = new();
    private readonly CurrentMappings _current = new();
    private readonly Dictionary<int, long> _writtenNow = [];
    private EventCounts _events;
    private long _residentChange;
    private Action<MemoryEvent, MappingStory?>? _onEvent;

    private RecordingAnalysis(RecordedProcess process) => (Process, Command) = (process, process.Command);

    internal RecordedProcess Process { get; }

    /// <summary>The program that was in the process last.</summary>
    internal string Command { get; private set; }

    internal int Looks { get; private set; }

    /// <summary>From the beginning to the last look.</summary>
    internal TimeSpan Duration { get; private set; }

    internal EventCounts Events => _events;

    internal long EventsLost { get; private set; }

    internal long WrittenPages { get; private set; }

    /// <summary>What the looks have cost the process, estimated.</summary>
    internal TimeSpan Cost { get; private set; }

    internal RecordingEnd End { get; private set; }

    internal string EndWords { get; private set; } = "";

    /// <summary>What is wrong with the file; null if nothing is.</summary>
    internal string? Problem { get; private set; }

    internal IReadOnlyCollection<MappingStory> Stories => _stories.Values;

    /// <summary>Pages in memory and pages written, at each look.</summary>
    internal List<(TimeSpan At, long Resident, long Written)> Course { get; } = [];

    /// <summary>Memory that comes and goes, most often first.</summary>
    internal IEnumerable<Churn> Churn => _churn.Values.Where(each => each.Times > 0).OrderByDescending(each => each.Times);

    internal IEnumerable<MappingStory> NotSeen => _stories.Values
        .Where(story => story.Last.NotSeen is not null && !MappingText.IsClock(story.Last.Name));

    /// <summary>Memory that may be used and never was, the largest first.</summary>
    internal IEnumerable<MappingStory> NeverTouched => _stories.Values
        .Where(story => story.MostResidentPages == 0 && story.GoneAt is null && story.Last.Protection != Protection.None
            && story.WrittenPages == 0 && !IsKernels(story.Last))
        .OrderByDescending(story => story.MostSizePages);

    internal CoreEstimate Core { get; private set; }

    /// <param name="reader">Is read to its end.</param>
    /// <param name="onEvent">Called with each event, and with the mapping that it is about if that is known.</param>
    /// <param name="onLook">Called with each look when it has been added.</param>
    internal static RecordingAnalysis Of(
        RecordingReader reader, Action<MemoryEvent, MappingStory?>? onEvent = null, Action<RecordedLook>? onLook = null)
    {
        var analysis = new RecordingAnalysis(reader.Process) { _onEvent = onEvent };
        while (reader.Next() is { } look)
        {
            analysis.Add(look);
            onLook?.Invoke(look);
        }

        (analysis.End, analysis.EndWords, analysis.Problem) = (reader.End, reader.EndWords, reader.Problem);
        long mapped = analysis._current.All.Sum(each => MemorySample.PagesIn(each.Mapping.Range));
        analysis.Core = new CoreEstimate(
            analysis._current.All.Count,
            mapped,
            analysis.Course.Count > 0 ? analysis.Course[^1].Resident : 0,
            analysis.Duration > TimeSpan.Zero ? analysis.WrittenPages / analysis.Duration.TotalSeconds : 0);
        return analysis;
    }

    /// <summary>How the memory of some mappings together has grown.</summary>
    internal Growth GrowthOf(IEnumerable<MappingStory> stories)
    {
        var course = new long[Growth.Points];
        long first = 0;
        TimeSpan firstLook = Course.Count > 0 ? Course[0].At : TimeSpan.Zero;
        double seconds = Math.Max((Duration - firstLook).TotalSeconds, 1e-6);
        foreach (MappingStory story in stories)
        {
            long before = 0;
            foreach ((TimeSpan at, long pages) in story.Resident)
            {
                if (at <= firstLook)
                    first += pages - before;
                else
                    course[PointOf(at)] += pages - before;
                before = pages;
            }
        }

        course[0] += first;
        for (int i = 1; i < course.Length; i++)
            course[i] += course[i - 1];
        return Growth.Of(course, first, Duration - firstLook);

        int PointOf(TimeSpan at) =>
            Math.Clamp((int)((at - firstLook).TotalSeconds / seconds * Growth.Points), 0, Growth.Points - 1);
    }

    private void Add(RecordedLook look)
    {
        Looks++;
        TimeSpan before = Duration;
        Duration = look.At;
        Command = look.Command ?? Command;
        Cost = look.Cost < TimeSpan.MaxValue - Cost ? Cost + look.Cost : TimeSpan.MaxValue;
        EventsLost += look.EventsLost;
        // The mapping that an unmap is about is known before the look; those that other events are about, after it.
        foreach (MemoryEvent memoryEvent in look.Events)
            AddGone(in memoryEvent, before);
        UpdateMappings(look);
        foreach (MemoryEvent memoryEvent in look.Events)
            AddEvent(in memoryEvent);
        _unmapped.CountReturned(look.Events.Where(each => each.Kind == MemoryEventKind.Mapped).Select(each => each.Range));
        long written = 0;
        foreach (AddressRange range in look.Written)
            written += AddWritten(range);
        foreach ((int id, long pages) in _writtenNow)
            _stories[id].AddWritten(pages);
        _writtenNow.Clear();
        WrittenPages += written;
        long resident = Course.Count > 0 ? Course[^1].Resident : 0;
        Course.Add((look.At, resident + _residentChange, written));
        _residentChange = 0;
    }

    private void UpdateMappings(RecordedLook look)
    {
        foreach (int id in look.Gone)
        {
            if (!_current.Remove(id) || !_stories.TryGetValue(id, out MappingStory? story))
                continue;
            story.GoneAt = look.At;
            _residentChange -= story.ResidentPages;
            story.SetResident(look.At, 0);
        }

        foreach ((int id, _) in look.Changed)
            _ = _current.Remove(id);
        foreach ((int id, LiveMapping mapping) in look.Changed)
        {
            if (!_current.TryAdd(id, mapping))
                continue;
            if (!_stories.TryGetValue(id, out MappingStory? story))
                _stories.Add(id, story = new MappingStory(id, mapping, look.At));
            (story.GoneAt, story.Last) = (null, mapping);
            story.MostSizePages = Math.Max(story.MostSizePages, MemorySample.PagesIn(mapping.Range));
        }

        foreach ((int id, long pages) in look.Resident)
        {
            if (!_stories.TryGetValue(id, out MappingStory? story) || story.GoneAt is not null)
                continue;
            // In a damaged file there may be more than the mapping has.
            long possible = Math.Min(pages, MemorySample.PagesIn(story.Last.Range));
            _residentChange += possible - story.ResidentPages;
            story.SetResident(look.At, possible);
        }
    }

    private void AddGone(in MemoryEvent memoryEvent, TimeSpan lastLook)
    {
        if (memoryEvent.Kind is not MemoryEventKind.Unmapped)
            return;
        MappingStory? story = StoryAt(memoryEvent.Range);
        story?.Events.Add(MemoryEventKind.Unmapped);
        if (ChurnOf(story?.Last.Name ?? "", memoryEvent.Range) is { } churn)
        {
            churn.AddUnmapped(in memoryEvent, lastLook);
            _unmapped.Add(memoryEvent.Range, churn);
        }

        _onEvent?.Invoke(memoryEvent, story);
    }

    private void AddEvent(in MemoryEvent memoryEvent)
    {
        _events.Add(memoryEvent.Kind);
        if (memoryEvent.Kind == MemoryEventKind.Unmapped)
            return;
        if (memoryEvent.Kind is MemoryEventKind.Forked or MemoryEventKind.Executed)
        {
            if (memoryEvent.Kind == MemoryEventKind.Executed)
                _unmapped.Clear();
            _onEvent?.Invoke(memoryEvent, null);
            return;
        }

        AddressRange place = memoryEvent.Kind == MemoryEventKind.Moved ? memoryEvent.NewRange : memoryEvent.Range;
        MappingStory? story = StoryAt(place);
        story?.Events.Add(memoryEvent.Kind);
        _onEvent?.Invoke(memoryEvent, story);
        if (memoryEvent.Kind == MemoryEventKind.Mapped && ChurnOf(story?.Last.Name ?? "", place) is { } churn)
            churn.Mapped++;
    }

    private long AddWritten(AddressRange range)
    {
        long written = 0;
        for (int i = _current.FirstFrom(range.Start); i < _current.All.Count; i++)
        {
            (int id, LiveMapping mapping) = _current.All[i];
            if (!mapping.Range.TryIntersect(range, out AddressRange part))
                break;
            written += MemorySample.PagesIn(part);
            _writtenNow[id] = _writtenNow.GetValueOrDefault(id) + MemorySample.PagesIn(part);
        }

        return written;
    }

    private MappingStory? StoryAt(AddressRange range)
    {
        int index = _current.FirstFrom(range.Start);
        return index < _current.All.Count && _current.All[index].Mapping.Range.Overlaps(range)
            ? _stories.GetValueOrDefault(_current.All[index].Id)
            : null;
    }

    private Churn? ChurnOf(string name, AddressRange range)
    {
        (string Name, long Pages) key = (name, MemorySample.PagesIn(range));
        if (!_churn.TryGetValue(key, out Churn? churn) && _churn.Count < MostChurnKinds)
            _churn.Add(key, churn = new Churn(name, key.Pages));
        return churn;
    }

    private static bool IsKernels(in LiveMapping mapping) =>
        MappingText.IsClock(mapping.Name) || mapping.Name is "[vdso]" or "[vsyscall]";
}
