namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>
/// How a <see cref="DriverStress"/> runs. It validates and copies the options when it begins: a later change of the object has no effect on
/// it.
/// </summary>
public sealed record StressOptions
{
    private const int MostThreads = 64;
    private const int LeastPages = 4;

    /// <summary>Decides what each thread does; which thread runs when is decided by the machine. Default: 1.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>How many threads, 1 to 64. Default: 4.</summary>
    public int Threads { get; set; } = 4;

    /// <summary>The run ends after that time; null for no limit. Not negative. Default: null.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>The run ends after so many operations of all threads; null for no limit. Not negative. Default: null.</summary>
    public long? Operations { get; set; }

    /// <summary>Pages of the private mapping and of the file mapping, each. At least 4. Default: 16.</summary>
    public int Pages { get; set; } = 16;

    /// <summary>Throws if a value is out of its bounds, or if there is no limit. The run calls it.</summary>
    /// <exception cref="ArgumentException">Neither a duration nor a number of operations is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or the duration is out of its bounds.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Threads, MostThreads, nameof(Threads));
        ArgumentOutOfRangeException.ThrowIfLessThan(Pages, LeastPages, nameof(Pages));
        ArgumentOutOfRangeException.ThrowIfLessThan(Duration ?? TimeSpan.Zero, TimeSpan.Zero, nameof(Duration));
        ArgumentOutOfRangeException.ThrowIfNegative(Operations ?? 0, nameof(Operations));
        if (Duration is null && Operations is null)
            throw new ArgumentException("Give a duration or a number of operations.", nameof(Duration));
    }
}
