namespace MmuNotifier.Processes;

/// <summary>How cores are taken.</summary>
internal sealed record CoreOptions
{
    /// <summary>How long the processes may be stopped for the copy of what is left.</summary>
    internal TimeSpan MaxStop { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long rounds are made for processes that write as fast as they are copied.</summary>
    internal TimeSpan MaxThrottle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether memory that a program has excluded by MADV_DONTDUMP is written as well.</summary>
    internal bool IncludesExcluded { get; init; }

    /// <summary>Whether a .NET process is stopped outside of its garbage collections, as far as its runtime is known.</summary>
    internal bool WaitsForCollector { get; init; } = true;

    /// <summary>How long the threads get to stop.</summary>
    internal TimeSpan FreezeLimit { get; init; } = TimeSpan.FromSeconds(2);
}
