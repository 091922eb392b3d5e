using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Own;

/// <content>mmap, munmap, mremap and mprotect.</content>
public sealed unsafe partial class OwnMemory
{
    private const int AnonymousFlag = 0x20;
    private const ulong EndOfUserAddresses = 0x7fff_ffff_f000;

    /// <inheritdoc/>
    /// <remarks>As mmap: a fixed address takes whatever this process has there, made here or not.</remarks>
    public override Errno Map(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, MemoryFile? file = null, ulong offset = 0)
    {
        mapped = 0;
        if (file is not null && (file as OwnFile)?.Memory != this)
            throw new ArgumentException("The file was not made by this memory.", nameof(file));
        if ((flags & MapFlags.HugeTlb) != 0)
            return Errno.NotSupported;
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return Errno.NoProcess;
            bool replaces = (flags & MapFlags.Fixed) != 0 && (flags & MapFlags.FixedNoReplace) == 0;
            using (replaces ? Announce(address, length, InvalidationEvent.Unmap) : default)
            {
                lock (_scratchLock)
                {
                    long result = file is OwnFile own
                        ? Syscall.MapFile(address, length, (int)protection, (int)flags, own.Handle, offset)
                        : Syscall.MapAnonymous(address, length, (int)protection, (int)flags | AnonymousFlag, offset);
                    Errno error = AddressOrError(result, out mapped);
                    if (error == Errno.None)
                        NoteMapped(AddressRange.FromLength(mapped, PageAlign(length)));
                    return error;
                }
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Takes only what was made here: in a hole there may be memory of the runtime by now.</remarks>
    public override Errno Unmap(ulong address, ulong length)
    {
        using (_mappingLock.Hold())
        using (Announce(address, length, InvalidationEvent.Unmap))
        {
            lock (_scratchLock)
                return UnmapOwn(address, length);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A memory that keeps its addresses answers NotSupported where the length changes.</remarks>
    public override Errno Remap(
        ulong address, ulong length, ulong newLength, RemapFlags flags, out ulong mapped, ulong newAddress = 0)
    {
        ulong size = PageAlign(length);
        ulong newSize = PageAlign(newLength);
        bool isFixed = (flags & RemapFlags.Fixed) != 0;
        bool mayMove = isFixed || (flags & RemapFlags.DontUnmap) != 0 || newSize > size;
        ulong from = mayMove ? address : address + newSize;
        ulong changed = mayMove ? size : size - newSize;
        using (_mappingLock.Hold())
        using (Announce(from, changed, InvalidationEvent.Unmap))
        using (isFixed ? Announce(newAddress, newLength, InvalidationEvent.Unmap) : default)
        {
            lock (_scratchLock)
            {
                long result = _keepsAddresses
                    ? RemapKeeping(address, length, newLength, flags, newAddress)
                    : Syscall.Remap(address, length, newLength, (int)flags, newAddress);
                Errno error = AddressOrError(result, out mapped);
                if (error != Errno.None)
                    return error;
                List<AddressRange> moved = RangesAfterRemap(address, size, mapped, newSize);
                if (size != 0 && (flags & RemapFlags.DontUnmap) == 0)
                    NoteUnmapped(AddressRange.FromLength(address, size));
                moved.ForEach(NoteMapped);
                return Errno.None;
            }
        }
    }

    /// <inheritdoc/>
    public override Errno Protect(ulong address, ulong length, Protection protection)
    {
        using (_mappingLock.Hold())
        using (Announce(address, length, InvalidationEvent.ProtectionVma))
        {
            // As at a hole: what lies before it is changed.
            ulong before = BytesBeforeKept(address, length);
            Errno error = Syscall.Protect(address, before, (int)protection);
            return error == Errno.None && before != length ? Errno.NoMemory : error;
        }
    }

    /// <summary>Several mappings move together with the gaps between them, and then keep their length; one alone may change it.</summary>
    private List<AddressRange> RangesAfterRemap(ulong address, ulong size, ulong mapped, ulong newSize)
    {
        if (size != newSize)
            return [AddressRange.FromLength(mapped, newSize)];
        var from = AddressRange.FromLength(address, size);
        lock (_listLock)
        {
            return [.. _mapped.Ranges.Where(from.Overlaps).Select(from.Intersect).Select(
                range => new AddressRange(mapped + (range.Start - address), mapped + (range.Last - address)))];
        }
    }

    private Errno UnmapOwn(ulong address, ulong length)
    {
        ulong size = PageAlign(length);
        if (address % PageBytes != 0 || size == 0 || address > EndOfUserAddresses || size > EndOfUserAddresses - address)
            return Syscall.Unmap(address, length); // The kernel refuses it.
        var asked = AddressRange.FromLength(address, size);
        List<AddressRange> own;
        lock (_listLock)
            own = [.. _mapped.Ranges.Where(asked.Overlaps).Select(asked.Intersect)];
        foreach (AddressRange range in own)
        {
            Errno error = _keepsAddresses ? Keep(range) : Syscall.Unmap(range.Start, range.Last - range.Start + 1);
            if (error != Errno.None)
                return error;
            NoteUnmapped(range);
        }

        return Errno.None;
    }
}
