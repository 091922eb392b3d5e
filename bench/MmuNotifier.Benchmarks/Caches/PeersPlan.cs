namespace MmuNotifier.Benchmarks.Caches;

/// <summary>How long and how often is measured.</summary>
internal sealed record PeersPlan
{
    /// <summary>Rounds, in each of which every side has its turn.</summary>
    internal required int Rounds { get; init; }

    /// <summary>Of the hits, each.</summary>
    internal required double Milliseconds { get; init; }

    /// <summary>Of calls that are timed one by one, each.</summary>
    internal required int Calls { get; init; }

    /// <summary>Rounds of the bystander, whose goal is a small difference.</summary>
    internal required int BystanderRounds { get; init; }

    /// <summary>Changes of the memory in each race.</summary>
    internal required int RaceIterations { get; init; }

    internal required int[] Counts { get; init; }

    internal static PeersPlan Full { get; } = new()
    {
        Rounds = 15,
        Milliseconds = 200,
        Calls = 500,
        BystanderRounds = 41,
        RaceIterations = 100_000,
        Counts = [1, 1000, 100_000],
    };

    /// <summary>To see that everything runs; its figures mean little.</summary>
    internal static PeersPlan Quick { get; } = new()
    {
        Rounds = 3,
        Milliseconds = 20,
        Calls = 50,
        BystanderRounds = 3,
        RaceIterations = 200,
        Counts = [1, 1000],
    };
}
