using System.Diagnostics;

namespace MmuNotifier.Linux;

/// <summary>A removal of pages that may not be over.</summary>
/// <param name="Range">Where; the whole space if the event was lost.</param>
/// <param name="Since">When its event was fetched, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="MarkedAt">
/// When what was left of the pages was protected, so that it can be distinguished from what came later; 0: not yet.
/// </param>
internal readonly record struct RemovalUnderWay(AddressRange Range, long Since, long MarkedAt)
{
    /// <summary>
    /// After its thread has resumed, and before it drops the pages, it can be preempted: it gets so long at least.
    /// </summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    /// <summary>Where nothing could be protected, because the event was lost.</summary>
    private static readonly TimeSpan LeastBlind = TimeSpan.FromSeconds(1);

    /// <summary>
    /// MADV_FREE leaves its pages for as long as it likes, and a page that was touched again before it was protected stays as well.
    /// </summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    internal bool IsBlind => Range == AddressRange.Whole;

    internal bool IsOverdue => Stopwatch.GetElapsedTime(Since) > Most;

    internal bool MayBeOver => MarkedAt != 0 && Stopwatch.GetElapsedTime(MarkedAt) > (IsBlind ? LeastBlind : Least);
}
