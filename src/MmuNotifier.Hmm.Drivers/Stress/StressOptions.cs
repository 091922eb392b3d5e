namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>How a driver is stressed. Immutable.</summary>
public sealed record StressOptions
{
    /// <summary>Decides what each thread does; the schedule stays the machine's.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads, 1 to 64.</summary>
    public int Threads { get; init; } = 4;

    /// <summary>Ends after that time; null for no limit.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Ends after so many operations of all threads; null for no limit.</summary>
    public long? Operations { get; init; }

    /// <summary>Pages of the private mapping and of the file mapping, each.</summary>
    public int Pages { get; init; } = 16;
}
