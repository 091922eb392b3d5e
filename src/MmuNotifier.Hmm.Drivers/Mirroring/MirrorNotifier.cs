namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>The notifier of one mapping for one open device. What is unmapped is cut out of it, from inside the callback.</summary>
internal sealed class MirrorNotifier(MirrorDeviceFile file) : IntervalNotifier
{
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        // The file that migrates forgets the pages itself, once it knows which move.
        bool isOwnMigration = invalidation.Event == InvalidationEvent.Migrate && ReferenceEquals(invalidation.Owner, file.Device);
        if (!isOwnMigration)
            file.Invalidate(this, invalidation);
        return InvalidateResult.Done;
    }
}
