using System.Globalization;
using System.Runtime.InteropServices;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Core;

/// <summary>What <c>mmun core</c> is asked for.</summary>
internal sealed record CoreRequest
{
    /// <summary>The running process; null to launch the program.</summary>
    internal int? ProcessId { get; init; }

    /// <summary>The program to launch and its arguments.</summary>
    internal IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>Whether a .NET process is stopped outside of its garbage collections.</summary>
    internal bool WaitsForCollector { get; init; } = true;

    /// <summary>Whether the descendants of the process are stopped at the same moment, for a core of each.</summary>
    internal bool WithChildren { get; init; }

    /// <summary>Of a launched program: after how long its core is taken; null for no time.</summary>
    internal TimeSpan? After { get; init; }

    /// <summary>Of a launched program: at which signals to us cores are taken; null for none.</summary>
    internal PosixSignal? OnSignal { get; init; }

    /// <summary>How much time is between one core and the next; null for a single core.</summary>
    internal TimeSpan? Every { get; init; }

    /// <summary>Of cores that are taken again and again: how many are kept.</summary>
    internal int Keep { get; init; }

    /// <summary>The file; - for standard output; null for core.PID.</summary>
    internal string? Output { get; init; }

    internal required TimeSpan MaxStop { get; init; }

    internal required TimeSpan MaxThrottle { get; init; }

    /// <summary>Whether memory excluded by MADV_DONTDUMP is written as well.</summary>
    internal bool IncludesExcluded { get; init; }

    internal CoreOptions Options => new()
    {
        MaxStop = MaxStop,
        MaxThrottle = MaxThrottle,
        IncludesExcluded = IncludesExcluded,
        WaitsForCollector = WaitsForCollector,
    };

    internal string PathOf(int processId) => Output ?? string.Create(CultureInfo.InvariantCulture, $"core.{processId}");

    internal bool IsToStandardOutput => Output == "-";
}
