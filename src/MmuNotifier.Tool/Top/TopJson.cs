using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>What <c>mmun top --once --json</c> prints; docs/top.md describes each member.</summary>
internal static class TopJson
{
    internal const string Schema = "mmun-top";
    internal const int Version = 1;

    /// <summary>Every mapping that passes the filter, in the order of the sort; one line.</summary>
    internal static string Write(TopModel model, TopState state) => JsonSerializer.Serialize(
        new TopDocument
        {
            Schema = Schema,
            Version = Version,
            Pid = model.ProcessId,
            Command = model.Command,
            ElapsedSeconds = Rounded(model.At.TotalSeconds),
            PeriodSeconds = Rounded(model.Period.TotalSeconds),
            MappedBytes = Bytes(model.MappedPages),
            ResidentBytes = Bytes(model.ResidentPages),
            WrittenBytesPerSecond = Rounded(Bytes(1) * model.WrittenPagesPerSecond),
            EventsPerSecond = Rounded(model.EventsPerSecond),
            EventsLost = model.EventsLost,
            Events = Counts(model.Events),
            Cost = new TopCost
            {
                Share = Rounded(model.CostShare),
                Stops = model.Stops,
                StoppedSeconds = Rounded(model.Stopped.TotalSeconds),
                OwnProcessorShare = Rounded(model.OwnProcessorShare),
            },
            Mappings = [.. TopOrder.Of(model, state).Select(Mapping)],
        },
        TopJsonContext.Default.TopDocument);

    private static TopMapping Mapping(TopRow row) => new()
    {
        Start = "0x" + row.Mapping.Range.Start.ToString("x", CultureInfo.InvariantCulture),
        Last = "0x" + row.Mapping.Range.Last.ToString("x", CultureInfo.InvariantCulture),
        Name = row.Mapping.Name,
        Permissions = MappingText.Permissions(row.Mapping),
        IsGone = row.LooksGone > 0,
        SizeBytes = Bytes(row.SizePages),
        ResidentBytes = Bytes(row.ResidentPages),
        GrowthBytes = Bytes(row.GrowthPages),
        WrittenBytesPerSecond = Rounded(Bytes(1) * row.WrittenPagesPerSecond),
        EventsPerSecond = Rounded(row.EventsPerSecond),
        Events = Counts(row.Events),
        NotSeen = row.Mapping.NotSeen,
    };

    private static TopEvents Counts(in EventCounts events) => new()
    {
        Mapped = events.Mapped,
        Unmapped = events.Unmapped,
        Moved = events.Moved,
        Protected = events.Protected,
        Dropped = events.Dropped,
        Forked = events.Forked,
        Executed = events.Executed,
    };

    private static long Bytes(long pages) => pages << MemorySample.PageShift;

    private static double Rounded(double value) => Math.Round(value, 6);
}

internal sealed record TopDocument
{
    public required string Schema { get; init; }

    public required int Version { get; init; }

    public required int Pid { get; init; }

    public required string Command { get; init; }

    public required double ElapsedSeconds { get; init; }

    public required double PeriodSeconds { get; init; }

    public required long MappedBytes { get; init; }

    public required long ResidentBytes { get; init; }

    public required double WrittenBytesPerSecond { get; init; }

    public required double EventsPerSecond { get; init; }

    public required long EventsLost { get; init; }

    public required TopEvents Events { get; init; }

    public required TopCost Cost { get; init; }

    public required IReadOnlyList<TopMapping> Mappings { get; init; }
}

internal sealed record TopCost
{
    public required double Share { get; init; }

    public required int Stops { get; init; }

    public required double StoppedSeconds { get; init; }

    public required double OwnProcessorShare { get; init; }
}

internal sealed record TopMapping
{
    public required string Start { get; init; }

    public required string Last { get; init; }

    public required string Name { get; init; }

    public required string Permissions { get; init; }

    public required bool IsGone { get; init; }

    public required long SizeBytes { get; init; }

    public required long ResidentBytes { get; init; }

    public required long GrowthBytes { get; init; }

    public required double WrittenBytesPerSecond { get; init; }

    public required double EventsPerSecond { get; init; }

    public required TopEvents Events { get; init; }

    public required string? NotSeen { get; init; }
}

internal sealed record TopEvents
{
    public required long Mapped { get; init; }

    public required long Unmapped { get; init; }

    public required long Moved { get; init; }

    public required long Protected { get; init; }

    public required long Dropped { get; init; }

    public required long Forked { get; init; }

    public required long Executed { get; init; }
}

/// <summary>Writes it without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TopDocument))]
internal sealed partial class TopJsonContext : JsonSerializerContext;
