namespace MmuNotifier.Processes;

/// <summary>What there is to say of a core that was written.</summary>
public sealed record CoreReport
{
    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The file that has the core, as it was asked for; null if the core was passed on.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// How long the process was stopped for it, as measured by the process that took the core: from the first request to the last.
    /// </summary>
    public required TimeSpan Stop { get; init; }

    /// <summary>How often it was stopped, at least once. The last stop is <see cref="Stop"/>; those before it came to nothing.</summary>
    public required int Stops { get; init; }

    /// <summary>Pages of 4 KiB copied while it ran; a page that is written often is copied more than once.</summary>
    public required long PagesCopiedRunning { get; init; }

    /// <summary>Pages of 4 KiB copied while it was stopped.</summary>
    public required long PagesCopiedStopped { get; init; }

    /// <summary>How many threads are in the core.</summary>
    public required int Threads { get; init; }

    /// <summary>How many segments of memory are in the core; dotnet-dump and ClrMD read at most 10,000.</summary>
    public required int Segments { get; init; }

    /// <summary>Whether the process has loaded the runtime of .NET (<c>libcoreclr.so</c>), so that dotnet-dump opens the core.</summary>
    public bool HasDotnetRuntime { get; init; }

    /// <summary>
    /// Of a .NET process: at which moment it was stopped, in words, such as "outside a garbage collection"; null for any other process.
    /// </summary>
    public string? Moment { get; init; }

    /// <summary>What the reader of the core should know, one sentence or two each; empty as a rule.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
