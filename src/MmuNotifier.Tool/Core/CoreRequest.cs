namespace MmuNotifier.Tool.Core;

/// <summary>What <c>mmun core</c> is asked for.</summary>
internal sealed record CoreRequest
{
    /// <summary>The running process; null to launch the program.</summary>
    internal int? ProcessId { get; init; }

    /// <summary>The program to launch and its arguments.</summary>
    internal IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>The file; - for standard output; null for core.PID.</summary>
    internal string? Output { get; init; }

    internal required TimeSpan MaxStop { get; init; }

    internal required TimeSpan MaxThrottle { get; init; }

    /// <summary>Whether memory excluded by MADV_DONTDUMP is written as well.</summary>
    internal bool IncludesExcluded { get; init; }

    internal bool IsToStandardOutput => Output == "-";
}
