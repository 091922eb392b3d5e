using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>
/// Writes a recording as one page that needs nothing else: address space against time, writes as heat, events as marks, a table beside it
/// (docs/reports.md).
/// </summary>
internal static class RecordingPage
{
    /// <param name="open">Opens the recording from its beginning; it is read twice.</param>
    /// <exception cref="RecordingException">It is no recording.</exception>
    internal static string Of(Func<RecordingReader> open)
    {
        var segments = new MappingSegments();
        List<(MemoryEvent Event, MappingStory? Story)> events = [];
        RecordingAnalysis analysis = RecordingAnalysis.Of(open(), (each, story) => events.Add((each, story)), segments.Add);
        segments.End(analysis.Duration);
        List<AddressRange> bands = segments.Bands();
        var heat = new WriteHeat(bands, analysis.Duration);
        RecordingReader again = open();
        while (again.Next() is { } look)
            heat.Add(look);
        heat.End();
        return Fill(analysis, segments, bands, heat, events);
    }

    private static string Fill(
        RecordingAnalysis analysis,
        MappingSegments segments,
        List<AddressRange> bands,
        WriteHeat heat,
        List<(MemoryEvent Event, MappingStory? Story)> events)
    {
        List<MappingStory> stories = [.. analysis.Stories];
        Dictionary<int, int> indexes = stories.Select((story, i) => (story.Id, i)).ToDictionary(each => each.Id, each => each.i);
        List<MappingSegments.Segment> drawn = [.. segments.All.Where(segment => indexes.ContainsKey(segment.Id))];
        events = [.. events.OrderBy(each => each.Event.At)];
        string columns = new PageColumns()
            .Add(drawn.Select(each => (uint)indexes[each.Id]))
            .Add(drawn.Select(each => each.From.TotalSeconds))
            .Add(drawn.Select(each => each.To.TotalSeconds))
            .Add(drawn.Select(each => First(each.Range)))
            .Add(drawn.Select(each => (double)MemorySample.PagesIn(each.Range)))
            .Add(events.Select(each => each.Event.At.TotalSeconds))
            .Add(events.Select(each => (byte)each.Event.Kind))
            .Add(events.Select(each => each.Story is { } story ? indexes[story.Id] : -1))
            .Add(events.Select(each => IsEverywhere(each.Event) ? -1 : First(each.Event.Range)))
            .Add(events.Select(each => IsEverywhere(each.Event) ? 0 : (double)MemorySample.PagesIn(each.Event.Range)))
            .Add(events.Select(each => (double)(each.Event.Destination >> MemorySample.PageShift)))
            .Add(heat.FirstCell).Add(heat.Rows).Add(heat.Values).Add(heat.Bounds)
            .Add(analysis.Course.Select(each => each.At.TotalSeconds))
            .Add(analysis.Course.Select(each => (double)each.Resident))
            .Add(analysis.Course.Select(each => (double)each.Written))
            .Add(bands.Select(First)).Add(bands.Select(band => (double)MemorySample.PagesIn(band))).Add(heat.RowsOfBand)
            .ToBase64();
        var data = new PageData
        {
            Pid = analysis.Process.ProcessId,
            Command = TextCells.Printable(analysis.Command),
            Began = analysis.Process.Began.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC",
            Duration = analysis.Duration.TotalSeconds,
            Looks = analysis.Looks,
            Resident = analysis.Core.ResidentPages << MemorySample.PageShift,
            Cost = Quantities.Share(analysis.Duration > TimeSpan.Zero ? analysis.Cost / analysis.Duration : 0),
            Notice = Notice(analysis),
            Counts = new PageCounts
            {
                Segments = drawn.Count,
                Events = events.Count,
                HeatColumns = heat.FirstCell.Count - 1,
                Heat = heat.Rows.Count,
                Course = analysis.Course.Count,
                Bands = bands.Count,
            },
            BandNames = NamesOf(bands, drawn, stories, indexes),
            Mappings = [.. Mappings(analysis, stories)],
            Columns = columns,
        };
        string style = Resource("page.css"), script = Resource("page.js");
        return new StringBuilder(Resource("page.html"))
            .Replace("{{style-hash}}", Hash(style))
            .Replace("{{script-hash}}", Hash(script))
            .Replace("{{style}}", style)
            .Replace("{{script}}", script)
            // Last, so that nothing in it is replaced. The serialiser writes < and > and & as escapes.
            .Replace("{{data}}", JsonSerializer.Serialize(data, PageDataContext.Default.PageData))
            .ToString();
    }

    private static IEnumerable<PageMapping> Mappings(RecordingAnalysis analysis, List<MappingStory> stories)
    {
        Dictionary<int, GrownMemory> growing = [];
        if (analysis.Looks > 0)
        {
            foreach (GrownMemory each in new Findings(analysis).Growing)
                growing[each.Story.Id] = each;
        }

        return stories.Select(story => new PageMapping
        {
            Name = story.Last.Name.Length == 0 ? "" : TextCells.Printable(story.Last.Name),
            Start = "0x" + MappingText.Address(story.Last.Range.Start),
            Last = "0x" + MappingText.Address(story.Last.Range.Last),
            Permissions = MappingText.Permissions(story.Last),
            Size = MemorySample.PagesIn(story.Last.Range) << MemorySample.PageShift,
            Resident = story.ResidentPages << MemorySample.PageShift,
            Written = story.WrittenPages << MemorySample.PageShift,
            LooksWritten = story.LooksWritten,
            Events = story.Events.Total,
            Gone = story.GoneAt is not null,
            Growth = growing.TryGetValue(story.Id, out GrownMemory grown)
                ? $"+{Quantities.Pages(grown.Growth.Pages)}, {RecordingText.NameOf(grown.Growth.Shape)}"
                : null,
            NotSeen = story.Last.NotSeen is { } reason ? TextCells.Printable(reason) : null,
        });
    }

    private static string? Notice(RecordingAnalysis analysis)
    {
        List<string> notices = [];
        if (analysis.Problem is { } problem)
            notices.Add($"The file is not whole: {problem}.");
        if (analysis.End == RecordingEnd.SizeReached)
            notices.Add(TextCells.Printable(analysis.EndWords));
        if (analysis.EventsLost > 0)
            notices.Add($"{Quantities.Count(analysis.EventsLost)} events had no room between two looks, and are not shown.");
        return notices.Count > 0 ? string.Join(' ', notices) : null;
    }

    /// <summary>For each band the name of the largest mapping in it.</summary>
    private static string[] NamesOf(
        List<AddressRange> bands, List<MappingSegments.Segment> segments, List<MappingStory> stories, Dictionary<int, int> indexes)
    {
        var names = new string[bands.Count];
        var largest = new long[bands.Count];
        Array.Fill(names, "");
        foreach (MappingSegments.Segment segment in segments)
        {
            int band = RangeList.FirstFrom(bands, segment.Range.Start);
            long pages = MemorySample.PagesIn(segment.Range);
            if (pages <= largest[band])
                continue;
            (largest[band], names[band]) = (pages, MappingText.ShortName(stories[indexes[segment.Id]].Last.Name));
        }

        return names;
    }

    private static double First(AddressRange range) => range.Start >> MemorySample.PageShift;

    private static bool IsEverywhere(in MemoryEvent memoryEvent) =>
        memoryEvent.Kind is MemoryEventKind.Forked or MemoryEventKind.Executed;

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Resource(string name)
    {
        using Stream stream = typeof(RecordingPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

internal sealed record PageData
{
    public required int Pid { get; init; }

    public required string Command { get; init; }

    public required string Began { get; init; }

    public required double Duration { get; init; }

    public required int Looks { get; init; }

    public required long Resident { get; init; }

    public required string Cost { get; init; }

    public required string? Notice { get; init; }

    public required PageCounts Counts { get; init; }

    public required IReadOnlyList<string> BandNames { get; init; }

    public required IReadOnlyList<PageMapping> Mappings { get; init; }

    public required string Columns { get; init; }
}

internal sealed record PageCounts
{
    public required int Segments { get; init; }

    public required int Events { get; init; }

    public required int HeatColumns { get; init; }

    public required int Heat { get; init; }

    public required int Course { get; init; }

    public required int Bands { get; init; }
}

internal sealed record PageMapping
{
    public required string Name { get; init; }

    public required string Start { get; init; }

    public required string Last { get; init; }

    public required string Permissions { get; init; }

    public required long Size { get; init; }

    public required long Resident { get; init; }

    public required long Written { get; init; }

    public required int LooksWritten { get; init; }

    public required long Events { get; init; }

    public required bool Gone { get; init; }

    public required string? Growth { get; init; }

    public required string? NotSeen { get; init; }
}

/// <summary>Writes it without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PageData))]
internal sealed partial class PageDataContext : JsonSerializerContext;
