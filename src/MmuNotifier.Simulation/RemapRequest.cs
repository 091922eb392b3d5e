using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>What mremap is asked for; lengths are of whole pages.</summary>
internal record struct RemapRequest(ulong Address, ulong Length, ulong NewLength, RemapFlags Flags, ulong NewAddress)
{
    private const RemapFlags Known = RemapFlags.MayMove | RemapFlags.Fixed | RemapFlags.DontUnmap;

    /// <summary>The old place; not of length 0.</summary>
    public readonly AddressRange Range => AddressRange.FromLength(Address, Length);

    /// <summary>The checks that are made before any mapping is looked at (<c>check_mremap_params</c>).</summary>
    public readonly bool IsValid
    {
        get
        {
            if ((Flags & ~Known) != 0 || Address % MirroredMemory.PageBytes != 0 || NewLength == 0 || NewLength > AreaList.TaskSize)
                return false;
            if (Length > ulong.MaxValue - Address)
                return false;
            if ((Flags & (RemapFlags.Fixed | RemapFlags.DontUnmap)) == 0)
                return true;
            bool isPlaceValid = NewAddress % MirroredMemory.PageBytes == 0 && NewAddress <= AreaList.TaskSize - NewLength;
            bool overlaps = Address + Length > NewAddress && NewAddress + NewLength > Address;
            bool keepsLength = (Flags & RemapFlags.DontUnmap) == 0 || Length == NewLength;
            return isPlaceValid && (Flags & RemapFlags.MayMove) != 0 && keepsLength && !overlaps;
        }
    }

    /// <summary>Of a hugetlb mapping: rounds the lengths to huge pages; false where it cannot be.</summary>
    public bool TryAlignHuge()
    {
        const ulong Mask = PageTable.HugeBytes - 1;
        Length = (Length + Mask) & ~Mask;
        NewLength = (NewLength + Mask) & ~Mask;
        return (Address & Mask) == 0 && (NewAddress & Mask) == 0 && NewLength <= Length;
    }
}
