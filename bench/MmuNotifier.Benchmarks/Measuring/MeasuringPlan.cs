namespace MmuNotifier.Benchmarks;

/// <summary>How long and how often is measured.</summary>
internal sealed record MeasuringPlan
{
    /// <summary>Pairs of rounds.</summary>
    internal required int Pairs { get; init; }

    /// <summary>Pairs where one round means to build a million notifiers.</summary>
    internal required int LargePairs { get; init; }

    /// <summary>About how long a round of the baseline takes.</summary>
    internal required TimeSpan Round { get; init; }

    /// <summary>How long one run of two threads takes.</summary>
    internal required TimeSpan ThreadsRound { get; init; }

    internal required TimeSpan WarmUp { get; init; }

    /// <summary>Timed calls of one starvation scenario.</summary>
    internal required int TimedCalls { get; init; }

    /// <summary>After how long a call that does not come back counts as never.</summary>
    internal required TimeSpan Never { get; init; }

    /// <summary>After how long a starvation scenario ends with the calls that it has.</summary>
    internal required TimeSpan Longest { get; init; }

    /// <summary>
    /// The time limit of a round of insertions and removals. A round that reaches it reports what it has measured so far.
    /// </summary>
    internal required TimeSpan LongestEdits { get; init; }

    /// <summary>Faults of the loop that shows precise retry.</summary>
    internal required int Faults { get; init; }

    /// <summary>The numbers of notifiers of the rows that depend on it.</summary>
    internal required int[] Counts { get; init; }

    /// <summary>Notifiers of the memory row.</summary>
    internal required int MemoryCount { get; init; }

    /// <summary>The number of notifiers that is measured once, to show the logarithm; null leaves it out.</summary>
    internal required int? OnceCount { get; init; }

    internal static MeasuringPlan Full { get; } = new()
    {
        Pairs = 15,
        LargePairs = 7,
        Round = TimeSpan.FromMilliseconds(25),
        ThreadsRound = TimeSpan.FromMilliseconds(200),
        WarmUp = TimeSpan.FromMilliseconds(400),
        TimedCalls = 100_000,
        Never = TimeSpan.FromSeconds(5),
        Longest = TimeSpan.FromSeconds(15),
        LongestEdits = TimeSpan.FromSeconds(4),
        Faults = 10_000,
        Counts = [1, 100, 10_000, 1_000_000],
        MemoryCount = 1_000_000,
        OnceCount = 10_000_000,
    };

    /// <summary>To see that everything runs; its figures mean little.</summary>
    internal static MeasuringPlan Quick { get; } = new()
    {
        Pairs = 3,
        LargePairs = 3,
        Round = TimeSpan.FromMilliseconds(3),
        ThreadsRound = TimeSpan.FromMilliseconds(20),
        WarmUp = TimeSpan.FromMilliseconds(30),
        TimedCalls = 5_000,
        Never = TimeSpan.FromMilliseconds(300),
        Longest = TimeSpan.FromSeconds(1),
        LongestEdits = TimeSpan.FromMilliseconds(200),
        Faults = 500,
        Counts = [1, 100, 10_000],
        MemoryCount = 20_000,
        OnceCount = null,
    };
}
