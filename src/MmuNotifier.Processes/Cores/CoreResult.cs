namespace MmuNotifier.Processes;

/// <summary>What there is to say of a core that was taken.</summary>
internal sealed record CoreResult
{
    internal required int ProcessId { get; init; }

    /// <summary>How long the process was stopped for it, as seen from here: from the first request to the last.</summary>
    internal required TimeSpan Stop { get; init; }

    /// <summary>How often it was stopped; the last stop is <see cref="Stop"/>, and in those before no core was taken.</summary>
    internal required int Stops { get; init; }

    /// <summary>Pages copied while it ran; a page that is written often is copied more than once.</summary>
    internal required long PagesCopiedRunning { get; init; }

    internal required long PagesCopiedStopped { get; init; }

    internal required int Threads { get; init; }

    internal required int Segments { get; init; }

    /// <summary>Of a .NET process: at which moment it was stopped, in words; null for any other.</summary>
    internal string? Moment { get; init; }

    /// <summary>For a core that is passed on.</summary>
    internal required ElfCoreWriter Writer { get; init; }

    /// <summary>One line each.</summary>
    internal List<string> Warnings { get; } = [];
}
