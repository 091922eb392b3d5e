using System.Globalization;
using System.Text.Json;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>
/// Writes a recording in the Trace Event Format of Chrome, as JSON objects, which Perfetto and chrome://tracing open: memory and writes as
/// counters, each event as an instant, each look as a slice, each mapping as an asynchronous slice.
/// </summary>
internal static class RecordingTrace
{
    private const int Looker = 1;
    private static readonly MemoryEventKind[] s_kinds = Enum.GetValues<MemoryEventKind>();

    /// <param name="open">Opens the recording from its beginning.</param>
    /// <param name="output">Gets it; stays open.</param>
    /// <exception cref="RecordingException">It is no recording.</exception>
    internal static void Write(Func<RecordingReader> open, Stream output)
    {
        var events = new List<Entry>();
        var names = new Dictionary<int, string>();
        var began = new HashSet<int>();
        RecordingAnalysis analysis = RecordingAnalysis.Of(
            open(),
            (each, story) => events.Add(Instant(in each, story)),
            look => AddLook(look, events, names, began));
        events.AddRange(began.Select(id => new Entry(analysis.Duration, 'e', names[id], 0) { Id = id }));
        events.AddRange(analysis.Course.SelectMany(each => (Entry[])
        [
            new(each.At, 'C', "in memory", 0) { Bytes = each.Resident << MemorySample.PageShift },
            new(each.At, 'C', "written between looks", 0) { Bytes = each.Written << MemorySample.PageShift },
        ]));
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        json.WriteString("source", "mmun record, version " + analysis.Process.ToolVersion);
        json.WriteString("command", analysis.Command);
        json.WriteString("began", analysis.Process.Began.ToString("O", CultureInfo.InvariantCulture));
        if (analysis.Problem is { } problem)
            json.WriteString("problem", problem);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        int processId = analysis.Process.ProcessId;
        WriteName(json, processId, "process_name", 0, analysis.Command.Length > 0 ? analysis.Command : "process");
        WriteName(json, processId, "thread_name", Looker, "looks of mmun");
        foreach (MemoryEventKind kind in s_kinds)
            WriteName(json, processId, "thread_name", ThreadOf(kind), kind.ToString().ToLowerInvariant());
        foreach (Entry entry in events.OrderBy(entry => entry.At))
            Write(json, processId, in entry);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int ThreadOf(MemoryEventKind kind) => Looker + (int)kind;

    private static Entry Instant(in MemoryEvent memoryEvent, MappingStory? story) =>
        new(memoryEvent.At, 'i', memoryEvent.Kind.ToString().ToLowerInvariant(), ThreadOf(memoryEvent.Kind))
        {
            Event = memoryEvent,
            Mapping = story is null ? null : MappingText.Name(story.Last.Name),
        };

    private static void AddLook(RecordedLook look, List<Entry> events, Dictionary<int, string> names, HashSet<int> began)
    {
        TimeSpan duration = look.Duration < look.At ? look.Duration : look.At;
        events.Add(new Entry(look.At - duration, 'X', "look", Looker) { Duration = duration });
        foreach (int id in look.Gone)
        {
            if (began.Remove(id))
                events.Add(new Entry(look.At, 'e', names[id], 0) { Id = id });
        }

        foreach ((int id, LiveMapping mapping) in look.Changed)
        {
            if (!began.Add(id))
                continue;
            names[id] = MappingText.Name(mapping.Name);
            events.Add(new Entry(look.At, 'b', names[id], 0) { Id = id, Event = new MemoryEvent(look.At, default, mapping.Range) });
        }
    }

    private static void WriteName(Utf8JsonWriter json, int processId, string what, int threadId, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", what);
        json.WriteNumber("pid", processId);
        json.WriteNumber("tid", threadId);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, int processId, in Entry entry)
    {
        json.WriteStartObject();
        json.WriteString("ph", entry.Phase.ToString());
        json.WriteString("name", entry.Name);
        json.WriteString("cat", entry.Phase is 'b' or 'e' ? "mapping" : entry.Phase == 'X' ? "mmun" : "memory");
        json.WriteNumber("pid", processId);
        json.WriteNumber("tid", entry.Thread);
        json.WriteNumber("ts", entry.At.TotalMicroseconds);
        switch (entry.Phase)
        {
            case 'X':
                json.WriteNumber("dur", entry.Duration.TotalMicroseconds);
                break;
            case 'i':
                json.WriteString("s", entry.Event.Kind is MemoryEventKind.Forked or MemoryEventKind.Executed ? "p" : "t");
                break;
            case 'b' or 'e':
                json.WriteString("id", "0x" + entry.Id.ToString("x", CultureInfo.InvariantCulture));
                break;
            default:
                break;
        }

        WriteArguments(json, in entry);
        json.WriteEndObject();
    }

    private static void WriteArguments(Utf8JsonWriter json, in Entry entry)
    {
        json.WriteStartObject("args");
        if (entry.Phase == 'C')
        {
            json.WriteNumber("bytes", entry.Bytes);
        }
        else if (entry.Phase is 'i' or 'b' && entry.Event.Kind is not (MemoryEventKind.Forked or MemoryEventKind.Executed))
        {
            json.WriteString("start", "0x" + MappingText.Address(entry.Event.Range.Start));
            json.WriteString("last", "0x" + MappingText.Address(entry.Event.Range.Last));
            if (entry.Event.Kind == MemoryEventKind.Moved)
                json.WriteString("to", "0x" + MappingText.Address(entry.Event.Destination));
            if (entry.Mapping is { } mapping)
                json.WriteString("mapping", mapping);
        }

        json.WriteEndObject();
    }

    private readonly record struct Entry(TimeSpan At, char Phase, string Name, int Thread)
    {
        internal TimeSpan Duration { get; init; }

        internal long Bytes { get; init; }

        internal int Id { get; init; }

        internal MemoryEvent Event { get; init; }

        internal string? Mapping { get; init; }
    }
}
