namespace MmuNotifier.Linux;

/// <summary>
/// How long a removal of pages (MADV_DONTNEED, FREE, REMOVE) counts as under way, for each of those who wait for it. Compiled into the
/// native fault handler too.
/// </summary>
/// <param name="Capacity">How many are distinguished.</param>
/// <param name="AfterResume">
/// How long after its caller has resumed a removal may still drop pages, where nothing else shows that it is over.
/// </param>
/// <param name="Most">How long after its event was read it is waited for at all.</param>
/// <remarks>
/// The one table of these times; docs/linux-facts.md, fact 3, says why any are needed. Until the caller resumes, the kernel refuses to
/// protect or copy pages (EAGAIN), so that wait is seen, however long it takes on a busy machine. After that nothing is seen but the pages.
/// </remarks>
internal readonly record struct RemovalLimits(int Capacity, TimeSpan AfterResume, TimeSpan Most)
{
    /// <summary>
    /// A page that is moved to a device too early would bring back what was removed. Only time says that a removal is over; a page that
    /// stays where it is does no harm, so there is no end to the waiting.
    /// </summary>
    internal static RemovalLimits OfMoves => new(64, Preemption, TimeSpan.MaxValue);

    /// <summary>
    /// Memory that is registered too early would be another's later. A removal is over only when, in addition, no page is left that was
    /// there when its caller resumed. MADV_FREE leaves its pages for as long as it likes, so that is given up after a while.
    /// </summary>
    internal static RemovalLimits OfWatches => new(256, Preemption, TimeSpan.FromSeconds(10));

    /// <summary>
    /// As for moves. But the touch of a page that was dropped is seen here, and ends the waiting for that page at once. A migration that
    /// has waited for as long as it may leaves the pages alone that may still be dropped.
    /// </summary>
    internal static RemovalLimits OfRemoteMoves => new(1024, Preemption, TimeSpan.MaxValue);

    /// <summary>
    /// A copy of the mirror that is made too early is found: the range is doubtful until the target is stopped. So this bounds only how
    /// long readers of the range must retry. Removals take microseconds, under load tens of milliseconds.
    /// </summary>
    internal static RemovalLimits OfMirrors => new(64, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));

    /// <summary>
    /// Between resuming and dropping the pages, the caller can be preempted. With 100 ms a busy machine (eight threads a processor wanted)
    /// showed what was removed in one run of twenty, with a second in none.
    /// </summary>
    private static TimeSpan Preemption => TimeSpan.FromSeconds(1);
}
