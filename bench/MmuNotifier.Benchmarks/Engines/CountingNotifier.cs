namespace MmuNotifier.Benchmarks.Engines;

/// <summary>Ours, with the least callback: it counts.</summary>
internal sealed class CountingNotifier : IntervalNotifier
{
    internal long Calls;

    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        Calls++;
        return InvalidateResult.Done;
    }
}
