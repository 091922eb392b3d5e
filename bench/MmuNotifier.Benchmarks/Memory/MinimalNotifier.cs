namespace MmuNotifier.Benchmarks;

/// <summary>Ours without a field of its own.</summary>
internal sealed class MinimalNotifier : IntervalNotifier
{
    protected override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
}
