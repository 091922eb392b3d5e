using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>What <c>mmun report --json</c> prints; docs/reports.md describes each member.</summary>
internal static class RecordingJson
{
    internal const string Schema = "mmun-report";
    internal const int Version = 1;

    internal static string Write(RecordingAnalysis analysis)
    {
        EventCounts events = analysis.Events;
        Findings? findings = analysis.Looks > 0 ? new Findings(analysis) : null;
        double seconds = Math.Max(analysis.Duration.TotalSeconds, 1e-6);
        return JsonSerializer.Serialize(
            new ReportDocument
            {
                Schema = Schema,
                Version = Version,
                Pid = analysis.Process.ProcessId,
                Command = analysis.Command,
                Began = analysis.Process.Began,
                DurationSeconds = Rounded(analysis.Duration.TotalSeconds),
                Looks = analysis.Looks,
                End = analysis.Problem is null ? analysis.End.ToString() : "Damaged",
                Problem = analysis.Problem,
                CostShare = Rounded(analysis.Cost / TimeSpan.FromSeconds(seconds)),
                Events = new ReportEvents
                {
                    Mapped = events.Mapped,
                    Unmapped = events.Unmapped,
                    Moved = events.Moved,
                    Protected = events.Protected,
                    Dropped = events.Dropped,
                    Forked = events.Forked,
                    Executed = events.Executed,
                    Lost = analysis.EventsLost,
                },
                Growing = [.. (findings?.Growing ?? []).Select(each => new ReportGrowth
                {
                    Mapping = Mapping(each.Story.Last),
                    Mappings = each.Mappings,
                    FromBytes = Bytes(each.Growth.First),
                    ToBytes = Bytes(each.Growth.Last),
                    MostBytes = Bytes(each.Growth.Most),
                    BytesPerSecond = Rounded(Bytes(1) * each.Growth.PerSecond),
                    Shape = each.Growth.Shape.ToString(),
                })],
                Written = [.. (findings?.Written ?? []).Select(story => new ReportWrites
                {
                    Mapping = Mapping(story.Last),
                    WrittenBytes = Bytes(story.WrittenPages),
                    BytesPerSecond = Rounded(Bytes(story.WrittenPages) / seconds),
                    MostBytesAtOnce = Bytes(story.MostWrittenAtOnce),
                    LooksWritten = story.LooksWritten,
                })],
                Churning = [.. (findings?.Churning ?? []).Select(churn => new ReportChurn
                {
                    Name = churn.Name,
                    SizeBytes = Bytes(churn.Pages),
                    TimesAtLeast = churn.Times,
                    Places = churn.Places,
                    LivedSeconds = Rounded(churn.Lived.TotalSeconds),
                })],
                NeverTouched = [.. (findings?.Untouched ?? []).Select(story => Mapping(story.Last))],
                NotSeen = [.. (findings?.NotSeen ?? []).Select(story => Mapping(story.Last))],
                Core = new ReportCore
                {
                    FileBytes = Bytes(analysis.Core.MappedPages),
                    DiskBytes = Bytes(analysis.Core.ResidentPages),
                    Mappings = analysis.Core.Mappings,
                    StopOfGcoreSeconds = Rounded(analysis.Core.StopOfAll.TotalSeconds),
                    StopOfMmunSeconds = Rounded(analysis.Core.StopOfMmun.TotalSeconds),
                },
            },
            ReportDocumentContext.Default.ReportDocument);
    }

    private static ReportMapping Mapping(in LiveMapping mapping) => new()
    {
        Name = mapping.Name,
        Start = "0x" + mapping.Range.Start.ToString("x", CultureInfo.InvariantCulture),
        Last = "0x" + mapping.Range.Last.ToString("x", CultureInfo.InvariantCulture),
        Permissions = MappingText.Permissions(in mapping),
        SizeBytes = Bytes(MemorySample.PagesIn(mapping.Range)),
        NotSeen = mapping.NotSeen,
    };

    private static long Bytes(long pages) => pages << MemorySample.PageShift;

    private static double Rounded(double value) => double.IsFinite(value) ? Math.Round(value, 6) : 0;
}

internal sealed record ReportDocument
{
    public required string Schema { get; init; }

    public required int Version { get; init; }

    public required int Pid { get; init; }

    public required string Command { get; init; }

    public required DateTimeOffset Began { get; init; }

    public required double DurationSeconds { get; init; }

    public required int Looks { get; init; }

    public required string End { get; init; }

    public required string? Problem { get; init; }

    public required double CostShare { get; init; }

    public required ReportEvents Events { get; init; }

    public required IReadOnlyList<ReportGrowth> Growing { get; init; }

    public required IReadOnlyList<ReportWrites> Written { get; init; }

    public required IReadOnlyList<ReportChurn> Churning { get; init; }

    public required IReadOnlyList<ReportMapping> NeverTouched { get; init; }

    public required IReadOnlyList<ReportMapping> NotSeen { get; init; }

    public required ReportCore Core { get; init; }
}

internal sealed record ReportEvents
{
    public required long Mapped { get; init; }

    public required long Unmapped { get; init; }

    public required long Moved { get; init; }

    public required long Protected { get; init; }

    public required long Dropped { get; init; }

    public required long Forked { get; init; }

    public required long Executed { get; init; }

    public required long Lost { get; init; }
}

internal sealed record ReportMapping
{
    public required string Name { get; init; }

    public required string Start { get; init; }

    public required string Last { get; init; }

    public required string Permissions { get; init; }

    public required long SizeBytes { get; init; }

    public required string? NotSeen { get; init; }
}

internal sealed record ReportGrowth
{
    public required ReportMapping Mapping { get; init; }

    public required int Mappings { get; init; }

    public required long FromBytes { get; init; }

    public required long ToBytes { get; init; }

    public required long MostBytes { get; init; }

    public required double BytesPerSecond { get; init; }

    public required string Shape { get; init; }
}

internal sealed record ReportWrites
{
    public required ReportMapping Mapping { get; init; }

    public required long WrittenBytes { get; init; }

    public required double BytesPerSecond { get; init; }

    public required long MostBytesAtOnce { get; init; }

    public required int LooksWritten { get; init; }
}

internal sealed record ReportChurn
{
    public required string Name { get; init; }

    public required long SizeBytes { get; init; }

    public required long TimesAtLeast { get; init; }

    public required int Places { get; init; }

    public required double LivedSeconds { get; init; }
}

internal sealed record ReportCore
{
    public required long FileBytes { get; init; }

    public required long DiskBytes { get; init; }

    public required int Mappings { get; init; }

    public required double StopOfGcoreSeconds { get; init; }

    public required double StopOfMmunSeconds { get; init; }
}

/// <summary>Writes it without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportDocumentContext : JsonSerializerContext;
