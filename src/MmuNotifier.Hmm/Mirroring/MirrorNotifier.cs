namespace MmuNotifier.Hmm;

/// <summary>
/// Watches one mapping for one device file. What changes leaves the device's table; an unmapped part leaves the notifier too, from inside the
/// callback: nothing is left of it, its left or right part, or both.
/// </summary>
internal sealed class MirrorNotifier(MirrorDeviceFile file) : IntervalNotifier
{
    internal MirrorDeviceFile File => file;

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        if (invalidation.Event == InvalidationEvent.Migrate && ReferenceEquals(invalidation.Owner, file.Device))
            return InvalidateResult.Done;
        file.Erase(invalidation.Overlap);
        if (invalidation.Event == InvalidationEvent.Unmap)
            Cut(invalidation.Overlap, () => new MirrorNotifier(file));
        return InvalidateResult.Done;
    }
}
