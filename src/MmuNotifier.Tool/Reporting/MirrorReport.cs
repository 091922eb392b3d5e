using System.Text.Json.Serialization;

namespace MmuNotifier.Tool.Reporting;

/// <summary>The report of <c>mmun mirror</c>; its JSON form is described in docs/mirror-report.md.</summary>
internal sealed record MirrorReport
{
    public int Schema { get; init; } = 1;

    public required TargetReport Target { get; init; }

    public required double DurationSeconds { get; init; }

    public required long Rounds { get; init; }

    public required long PagesMirrored { get; init; }

    public required long PagesFetched { get; init; }

    public required long PagesCompared { get; init; }

    public required long PagesDiffering { get; init; }

    public required long EventsLost { get; init; }

    public required InvalidationsReport Invalidations { get; init; }

    public required EventsReport Events { get; init; }

    public required long PagesWritten { get; init; }

    public required NotifiersReport Notifiers { get; init; }

    public required long ReadRetries { get; init; }

    public required IReadOnlyList<MemoryReport> NotMirrored { get; init; }

    public required IReadOnlyList<MemoryReport> MirroredByReading { get; init; }

    public required IReadOnlyList<FreezeReport> Freezes { get; init; }

    public required IReadOnlyList<AbandonedFreezeReport> FreezesAbandoned { get; init; }

    public required long ProcessesMirrored { get; init; }

    public required IReadOnlyList<ProcessReport> Processes { get; init; }

    public required long ChildrenFound { get; init; }

    public required IReadOnlyList<ChildReport> Children { get; init; }

    public required IReadOnlyList<DifferenceReport> Differences { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }
}

internal sealed record TargetReport(int Pid, string Command, bool Launched, int? ExitCode);

/// <summary>Invalidations by event of the engine; <see cref="Written"/> are those Clear events that report pages found written.</summary>
internal sealed record InvalidationsReport(
    long Unmap, long Clear, long ProtectionVma, long ProtectionPage, long Release, long Written);

/// <summary>What the invalidations came from.</summary>
internal sealed record EventsReport(
    long Unmap, long Remap, long Remove, long Fork, long Vanished, long Protection, long Dropped, long ReadAgain);

internal sealed record NotifiersReport(long Inserted, long Split, long Moved, long Removed, long InsideCallbacks);

internal sealed record MemoryReport(int Pid, string Start, string Last, string Name, string Reason, long Pages, double Share);

internal sealed record FreezeReport(
    double AtSeconds,
    int Processes,
    long StopMicros,
    long CatchUpMicros,
    long CompareMicros,
    long PauseMicros,
    long PagesRefreshed,
    long PagesCompared,
    long PagesDiffering,
    bool AfterEnd);

internal sealed record AbandonedFreezeReport(double AtSeconds, string Reason);

internal sealed record ProcessReport(
    int Pid, string Command, string FoundBy, long PagesMirrored, long PagesCompared, bool ForkEvents, string? Failure);

internal sealed record ChildReport(int Pid, string Command, string Outcome);

internal sealed record DifferenceReport(int Pid, string Address);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MirrorReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
