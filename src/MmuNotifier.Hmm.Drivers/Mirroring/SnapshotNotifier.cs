namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>Makes a snapshot's section collide with what changes the pages meanwhile; there is nothing to forget.</summary>
/// <param name="driverLock">The lock under which the section is checked.</param>
internal sealed class SnapshotNotifier(DriverLock driverLock) : IntervalNotifier
{
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        using (driverLock.Hold())
            return InvalidateResult.Done;
    }
}
