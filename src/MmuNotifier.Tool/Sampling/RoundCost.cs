namespace MmuNotifier.Tool.Sampling;

/// <summary>
/// What looking costs the process, estimated from counts by the figures of docs/top.md, and how long to wait until the next look so that
/// it stays below a share of the time.
/// </summary>
/// <param name="firstWrite">What the first write to a page costs after a look: it faults once more.</param>
internal sealed class RoundCost(TimeSpan firstWrite)
{
    /// <summary>The most that looks may cost, as a share of one processor.</summary>
    internal const double MaxShare = 0.05;

    private static readonly TimeSpan s_leastInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>An unmap, a move, a drop or a fork waits until its event was read.</summary>
    internal const double MicrosecondsPerEvent = 60;

    /// <summary>Reading the maps and registering holds the lock of the address space for parts of this.</summary>
    internal const double MicrosecondsPerMapping = 0.7;

    /// <summary>How long the process was held up by a look and by what was written since the one before.</summary>
    internal TimeSpan OfLook(long writtenPages, int mappings) =>
        (writtenPages * firstWrite) + TimeSpan.FromMicroseconds(mappings * MicrosecondsPerMapping);

    /// <summary>How long its calls that change memory have waited.</summary>
    internal static TimeSpan OfEvents(long reported) => TimeSpan.FromMicroseconds(reported * MicrosecondsPerEvent);

    /// <summary>When the next look may begin after the last one has begun.</summary>
    /// <param name="wanted">The interval that was asked for.</param>
    /// <param name="cost">What the last look has cost.</param>
    internal static TimeSpan NextInterval(TimeSpan wanted, TimeSpan cost)
    {
        TimeSpan least = cost / MaxShare > s_leastInterval ? cost / MaxShare : s_leastInterval;
        return least > wanted ? least : wanted;
    }
}
