namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// A notifier with the table of its pages: a fixed registration, or a child of an implicit one (<c>struct ib_umem_odp</c>).
/// </summary>
internal sealed class PagingRegion(OnDemandPagingDriver driver, AddressRange registered) : IntervalNotifier
{
    /// <summary>What it was made for; it does not change.</summary>
    public AddressRange Registered => registered;

    /// <summary>Guarded by the driver lock.</summary>
    public DeviceTable Table { get; } = new();

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        driver.Invalidate(this, invalidation);
        return InvalidateResult.Done;
    }
}
