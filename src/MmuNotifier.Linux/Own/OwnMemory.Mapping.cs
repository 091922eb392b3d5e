using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Own;

/// <content>mmap, munmap, mremap and mprotect.</content>
public sealed unsafe partial class OwnMemory
{
    private const int AnonymousFlag = 0x20;

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
                    if (error != Errno.None)
                        return error;
                    lock (_listLock)
                        _mapped.Add(AddressRange.FromLength(mapped, PageAlign(length)));
                }

                AddressRange range = AddressRange.FromLength(mapped, PageAlign(length));
                Follow(range);
                _handler?.Register(range);
                return Errno.None;
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
            Errno error;
            lock (_scratchLock)
                error = UnmapOwn(address, length);
            Follow(WholePages(address, length));
            return error;
        }
    }

    /// <inheritdoc/>
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
                Errno error = AddressOrError(Syscall.Remap(address, length, newLength, (int)flags, newAddress), out mapped);
                if (error == Errno.BadAddress && _handler is not null && isFixed && size == newSize
                    && WholePages(address, length) is { } several)
                    error = RemapSeveral(several, flags, newAddress, out mapped);
                if (error != Errno.None)
                    return error;
                lock (_listLock)
                {
                    if (size != 0 && (flags & RemapFlags.DontUnmap) == 0)
                        _mapped.Remove(AddressRange.FromLength(address, size));
                    _mapped.Add(AddressRange.FromLength(mapped, newSize));
                }
            }

            Follow(WholePages(from, changed), isFixed ? WholePages(newAddress, newLength) : null);
            return Errno.None;
        }
    }

    // Linux moves several mappings with one call (6.17), but none that is registered with a userfaultfd. Devices' pages come back first.
    private Errno RemapSeveral(AddressRange range, RemapFlags flags, ulong newAddress, out ulong mapped)
    {
        ulong length = range.Last - range.Start + 1;
        ReturnRange(range);
        _handler!.Unregister(range);
        Errno error = AddressOrError(Syscall.Remap(range.Start, length, length, (int)flags, newAddress), out mapped);
        _handler.Register(range);
        if (error == Errno.None)
            _handler.Register(AddressRange.FromLength(mapped, length));
        return error;
    }

    /// <inheritdoc/>
    public override Errno Protect(ulong address, ulong length, Protection protection)
    {
        using (_mappingLock.Hold())
        {
            // Who may not touch a page cannot bring it back.
            if ((protection & Protection.Read) == 0 && WholePages(address, length) is { } range)
                ReturnRange(range);
            using (Announce(address, length, InvalidationEvent.ProtectionVma))
                return Syscall.Protect(address, length, (int)protection);
        }
    }

    private Errno UnmapOwn(ulong address, ulong length)
    {
        ulong size = PageAlign(length);
        if (address % PageBytes != 0 || size == 0 || address > ulong.MaxValue - size)
            return Syscall.Unmap(address, length);
        var asked = AddressRange.FromLength(address, size);
        List<AddressRange> own;
        lock (_listLock)
            own = [.. _mapped.Ranges.Where(asked.Overlaps).Select(asked.Intersect)];
        foreach (AddressRange range in own)
        {
            var error = Syscall.Unmap(range.Start, range.Last - range.Start + 1);
            if (error != Errno.None)
                return error;
            lock (_listLock)
                _mapped.Remove(range);
        }

        return Errno.None;
    }
}
