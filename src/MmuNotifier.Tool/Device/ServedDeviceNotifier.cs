namespace MmuNotifier.Tool.Device;

/// <summary>Watches the whole of a program's memory for one device file. What changes leaves the device's table.</summary>
internal sealed class ServedDeviceNotifier(ServedDeviceFile file) : IntervalNotifier
{
    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        if (invalidation.Event != InvalidationEvent.Migrate || !ReferenceEquals(invalidation.Owner, file.Device))
            file.Erase(invalidation.Overlap);
        return InvalidateResult.Done;
    }
}
