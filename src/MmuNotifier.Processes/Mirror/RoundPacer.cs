namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// Chooses the time to the next round so that the mirror takes at most a small share of the target's time: every page that is armed
/// costs the target a fault at its next write, and the round itself takes processor and memory time.
/// </summary>
/// <param name="fixedInterval">The time between rounds, if it is not to be chosen.</param>
/// <param name="firstWriteCost">What a write to an armed page costs its writer.</param>
internal sealed class RoundPacer(TimeSpan? fixedInterval, TimeSpan firstWriteCost)
{
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
        TimeSpan cost = (firstWriteCost * pagesWritten) + duration;
        TimeSpan wanted = cost / Share;
        Next = wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
    }
}
