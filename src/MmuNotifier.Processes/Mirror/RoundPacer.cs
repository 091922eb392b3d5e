namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// Chooses the time to the next round so that the mirror takes at most a small share of the target's time: every page that is armed
/// costs the target a fault at its next write, and the round itself takes processor and memory time.
/// </summary>
internal sealed class RoundPacer(TimeSpan? fixedInterval)
{
    /// <summary>What a write to an armed page costs its writer (docs/linux-facts.md, fact 16).</summary>
    private static readonly TimeSpan FaultCost = TimeSpan.FromMicroseconds(14);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Share of the target's time that the mirror may take.</summary>
    private const double Share = 0.04;

    internal TimeSpan Next { get; private set; } = fixedInterval ?? Shortest;

    /// <param name="pagesWritten">Pages found written in a round, and armed again.</param>
    /// <param name="duration">How long that round took.</param>
    internal void AfterRound(long pagesWritten, TimeSpan duration)
    {
        if (fixedInterval is not null)
            return;
        TimeSpan cost = (FaultCost * pagesWritten) + duration;
        TimeSpan wanted = cost / Share;
        Next = wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
    }
}
