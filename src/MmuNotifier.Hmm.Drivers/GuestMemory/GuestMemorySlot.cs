namespace MmuNotifier.Hmm.Drivers;

/// <summary>Memory of the process at an address of the guest (<c>kvm_memory_slot</c>).</summary>
/// <param name="Guest">Its first byte in the guest.</param>
/// <param name="Memory">The memory.</param>
internal readonly record struct GuestMemorySlot(ulong Guest, AddressRange Memory)
{
    /// <summary>Where what the slot has of a range of the process is in the guest; false if it has none of it.</summary>
    public bool TryTranslate(AddressRange range, out AddressRange guest)
    {
        guest = default;
        if (!Memory.TryIntersect(range, out AddressRange part))
            return false;
        guest = new AddressRange(part.Start - Memory.Start + Guest, part.Last - Memory.Start + Guest);
        return true;
    }

    /// <summary>Where a byte of the guest is in the process; false if it is not in the slot.</summary>
    public bool TryFindInProcess(ulong guest, out ulong address)
    {
        address = guest - Guest + Memory.Start;
        return guest >= Guest && guest - Guest < Memory.Length;
    }
}
