namespace MmuNotifier.Hmm.Drivers;

/// <summary>One large notifier with the tree of the ranges in it (<c>struct drm_gpusvm_notifier</c>).</summary>
internal sealed class LargeNotifier(LargeNotifierDriver driver) : IntervalNotifier
{
    /// <summary>By start; they do not overlap. Guarded by the driver lock.</summary>
    public SortedList<ulong, DeviceRange> Ranges { get; } = [];

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        driver.Invalidate(this, invalidation);
        return InvalidateResult.Done;
    }
}
