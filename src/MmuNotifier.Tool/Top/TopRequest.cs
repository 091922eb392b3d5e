namespace MmuNotifier.Tool.Top;

/// <summary>What a user has asked <c>mmun top</c> for.</summary>
internal sealed record TopRequest
{
    internal int? ProcessId { get; init; }

    internal IReadOnlyList<string> Program { get; init; } = [];

    internal bool IsOnce { get; init; }

    internal bool IsJson { get; init; }

    internal required TimeSpan Interval { get; init; }

    internal TopSort Sort { get; init; }

    internal string Filter { get; init; } = "";
}
