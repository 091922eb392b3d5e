using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>
/// Addresses that are kept when their mappings go: a mapping without permissions is put over them in the same system call, so that at no
/// moment any other code can map there. Code that works through this object sees a hole.
/// </content>
public sealed unsafe partial class LinuxMemory
{
    private const int NoReserveFlag = 0x4000;

    private Errno Keep(AddressRange range) => AddressOrError(
        _calls.Map(
            range.Start,
            range.Last - range.Start + 1,
            (int)Protection.None,
            (int)(MapFlags.Private | MapFlags.Fixed) | AnonymousFlag | NoReserveFlag,
            file: null,
            offset: 0),
        out _);

    /// <summary>mremap that leaves no hole: the old mapping stays, empty, until the addresses are kept.</summary>
    private long RemapKeeping(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress)
    {
        ulong size = PageAlign(length);
        if (size == 0 || PageAlign(newLength) != size)
            return -(long)Errno.NotSupported;
        if (WholePages(address, size) is not { } range || BytesBeforeHole(range) != size)
            return -(long)Errno.BadAddress;
        if ((flags & RemapFlags.Fixed) == 0)
            return _calls.Remap(address, length, newLength, (int)flags, newAddress);
        long result = _calls.Remap(address, length, newLength, (int)(flags | RemapFlags.DontUnmap), newAddress);

        // If this fails, an empty mapping that nobody reaches keeps the addresses as well.
        if (result >= 0 && (flags & RemapFlags.DontUnmap) == 0)
            Keep(AddressRange.FromLength(address, size));
        return result;
    }
}
