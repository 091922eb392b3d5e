namespace MmuNotifier.Processes.Mirroring;

/// <summary>One verification: how long it took and what it found.</summary>
/// <param name="At">Since the start of the mirror.</param>
/// <param name="Processes">How many processes were stopped together.</param>
/// <param name="Stop">From the first request to stop until all threads had stopped and all events were handled.</param>
/// <param name="CatchUp">Bringing the mirror up to date.</param>
/// <param name="Compare">Comparing it.</param>
/// <param name="Pause">From the first request to stop until all threads run again.</param>
/// <param name="PagesRefreshed">Pages copied while frozen.</param>
/// <param name="PagesLeft">Pages that there was no time to copy, at most so many; they were not compared.</param>
/// <param name="Comparison">What the comparison found.</param>
/// <param name="IsAfterEnd">Whether it is the comparison of what a program left when it ended; nothing was stopped for it.</param>
internal sealed record Freeze(
    TimeSpan At,
    int Processes,
    TimeSpan Stop,
    TimeSpan CatchUp,
    TimeSpan Compare,
    TimeSpan Pause,
    long PagesRefreshed,
    long PagesLeft,
    Comparison Comparison,
    bool IsAfterEnd);
