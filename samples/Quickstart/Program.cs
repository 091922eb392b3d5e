using MmuNotifier;

var space = new AddressSpace();
space.Insert(AddressRange.FromLength(0x10000, 0x4000), (in invalidation) =>
{
    Console.WriteLine($"drop {invalidation.Overlap}");
    return InvalidateResult.Done;
});

using (space.StartInvalidation(new AddressRange(0x11000, 0x11fff), InvalidationEvent.Unmap))
{
    // Change the memory here: nobody has a copy of it now, and no read section on it commits.
}
