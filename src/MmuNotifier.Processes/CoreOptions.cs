namespace MmuNotifier.Processes;

/// <summary>How cores are taken.</summary>
public sealed record CoreOptions
{
    /// <summary>
    /// How long the process may be stopped for the copy of what it has written last; 100 ms if nothing is said. If that is not enough, no
    /// core is written.
    /// </summary>
    public TimeSpan MaxStop { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a process that writes faster than it is copied may be slowed down, by stops shorter than <see cref="MaxStop"/>, from the
    /// first of them or the first attempt in vain to the last. Default: 10 seconds. The copy while it runs at its own speed has no limit:
    /// it ends when it gets no nearer to an end.
    /// </summary>
    public TimeSpan MaxThrottle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether memory that the program has excluded by <c>MADV_DONTDUMP</c> is written as well.</summary>
    public bool IncludesExcluded { get; init; }

    /// <summary>Whether a .NET process is stopped outside of its garbage collections, as far as its runtime is known.</summary>
    public bool WaitsForCollector { get; init; } = true;

    /// <summary>How long the threads get to stop; 2 seconds if nothing is said.</summary>
    public TimeSpan FreezeLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a process is slowed down although it writes little: for rehearsals and tests.</summary>
    internal bool AlwaysThrottles { get; init; }
}
