namespace MmuNotifier.Processes.Mirroring;

/// <summary>The notifier of one mapping: what is unmapped is cut out of it, what changes is forgotten and faulted in again.</summary>
internal sealed class MappingNotifier(CopyDevice device) : IntervalNotifier
{
    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        using (device.Lock.Hold())
        {
            switch (invalidation.Event)
            {
                case InvalidationEvent.ProtectionPage or InvalidationEvent.SoftDirty:
                    break; // The pages keep their content, and the device only reads.
                case InvalidationEvent.Unmap:
                    device.Forget(invalidation.Overlap);
                    device.Notifiers.CountCut(Cut(invalidation.Range, () => new MappingNotifier(device)));
                    break;
                default:
                    device.Forget(invalidation.Overlap);
                    break;
            }
        }

        return InvalidateResult.Done;
    }
}
