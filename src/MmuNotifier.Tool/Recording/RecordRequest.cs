namespace MmuNotifier.Tool.Recording;

/// <summary>What a user has asked <c>mmun record</c> for.</summary>
internal sealed record RecordRequest
{
    internal int? ProcessId { get; init; }

    internal IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>The file; null for one named after the process.</summary>
    internal string? Output { get; init; }

    internal required TimeSpan Interval { get; init; }

    /// <summary>How long at most; null for no limit.</summary>
    internal TimeSpan? Duration { get; init; }

    internal required long MaxBytes { get; init; }
}
