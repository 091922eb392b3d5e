namespace MmuNotifier.Hmm.Drivers;

/// <summary>The guest's subscription to all invalidations of the address space.</summary>
internal sealed class GuestMemoryNotifier(GuestMemoryDriver driver) : WholeSpaceNotifier
{
    protected internal override bool InvalidateStart(in Invalidation invalidation)
    {
        driver.InvalidateStart(invalidation.Range);
        return true;
    }

    protected internal override void InvalidateEnd(in Invalidation invalidation) => driver.InvalidateEnd();

    protected internal override bool TestYoung(AddressRange range) => driver.TestYoung(range);

    protected internal override bool ClearYoung(AddressRange range) => driver.ClearYoung(range);
}
