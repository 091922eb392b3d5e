using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>mmap, munmap, mremap and mprotect.</content>
public sealed unsafe partial class LinuxMemory
{
    private const int AnonymousFlag = 0x20;
    private const ulong EndOfUserAddresses = 0x7fff_ffff_f000;

    /// <inheritdoc/>
    /// <remarks>As mmap: a fixed address takes whatever this process has there, made here or not.</remarks>
    public override Errno Map(
        ulong address, ulong length, Protection protection, MapFlags flags, out ulong mapped, MemoryFile? file = null, ulong offset = 0)
    {
        mapped = 0;
        if (file is not null && (file as LinuxFile)?.Family != _family)
            throw new ArgumentException("The file was not made by this memory or one of its family.", nameof(file));
        bool isHuge = (flags & MapFlags.HugeTlb) != 0;
        ulong size = AlignUp(length, isHuge ? HugePagePool.PageBytes : PageBytes);
        int kernelFlags = (int)flags | (file is null ? AnonymousFlag : 0) | (isHuge ? HugePagePool.SizeFlag : 0);
        if (address == 0 && (flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) == 0)
            address = HintFor(size);
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return Errno.NoProcess;
            bool replaces = (flags & MapFlags.Fixed) != 0 && (flags & MapFlags.FixedNoReplace) == 0;
            using (replaces ? Announce(address, size, InvalidationEvent.Unmap) : default)
            {
                lock (_scratchLock)
                {
                    long result = _calls.Map(address, length, (int)protection, kernelFlags, (file as LinuxFile)?.Handle, offset);
                    Errno error = AddressOrError(result, out mapped);
                    if (error != Errno.None)
                    {
                        if (replaces)
                            NoteFailedReplacement(address, size);
                        return error;
                    }

                    _mappings.NoteMapped(AddressRange.FromLength(mapped, size));
                }

                AddressRange range = AddressRange.FromLength(mapped, size);
                HandleMessages(range);
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
            HandleMessages(WholePages(address, length));
            return error;
        }
    }

    /// <inheritdoc/>
    /// <remarks>A memory that keeps its addresses answers NotSupported where the length changes.</remarks>
    public override Errno Remap(
        ulong address, ulong length, ulong newLength, RemapFlags flags, out ulong mapped, ulong newAddress = 0)
    {
        bool isFixed = (flags & RemapFlags.Fixed) != 0;
        using (_mappingLock.Hold())
        {
            ulong unit = TryQuery(address, out QueriedMapping mapping, out AddressRange range) && range.Contains(address)
                ? mapping.PageSizeBytes : PageBytes;
            ulong size = AlignUp(length, unit);
            ulong newSize = AlignUp(newLength, unit);
            bool mayMove = isFixed || (flags & RemapFlags.DontUnmap) != 0 || newSize > size;
            ulong from = mayMove ? address : address + newSize;
            ulong changed = mayMove ? size : size - newSize;
            using (Announce(from, changed, InvalidationEvent.Unmap))
            using (isFixed ? Announce(newAddress, newSize, InvalidationEvent.Unmap) : default)
            {
                Errno error = RemapAnnounced(address, length, newLength, unit, flags, out mapped, newAddress);
                if (error != Errno.None)
                    return error;
            }

            HandleMessages(WholePages(from, changed), isFixed ? WholePages(newAddress, newLength) : null);
            return Errno.None;
        }
    }

    private Errno RemapAnnounced(
        ulong address, ulong length, ulong newLength, ulong unit, RemapFlags flags, out ulong mapped, ulong newAddress)
    {
        _mappingLock.AssertHeld();
        ulong size = AlignUp(length, unit);
        ulong newSize = AlignUp(newLength, unit);
        lock (_scratchLock)
        {
            mapped = 0;
            if (WholePages(address, Math.Max(size, PageBytes)) is { } asked && HasOthersMapping(asked))
                return Errno.BadAddress;
            long result = _reservesUnmappedRanges
                ? RemapKeeping(address, length, newLength, flags, newAddress)
                : _calls.Remap(address, length, newLength, (int)flags, newAddress);
            Errno error = AddressOrError(result, out mapped);
            bool mayBeSeveral = error == Errno.BadAddress && !_reservesUnmappedRanges && (flags & RemapFlags.Fixed) != 0 && size == newSize;
            if (mayBeSeveral && !_isDisposed && _handler is not null && WholePages(address, size) is { } several)
                error = RemapSeveral(several, flags, newAddress, out mapped);
            if (error != Errno.None)
            {
                if ((flags & RemapFlags.Fixed) != 0)
                    NoteFailedReplacement(newAddress, newSize);
                return error;
            }

            List<AddressRange> moved = RangesAfterRemap(address, size, mapped, newSize);
            if (size != 0 && (flags & RemapFlags.DontUnmap) == 0)
                _mappings.NoteUnmapped(AddressRange.FromLength(address, size));
            moved.ForEach(_mappings.NoteMapped);
            return Errno.None;
        }
    }

    /// <summary>The kernel may have unmapped what was at a fixed address before it found that it cannot map there.</summary>
    private void NoteFailedReplacement(ulong address, ulong length)
    {
        if (WholePages(address, length) is { } range)
            _mappings.ForgetUnmapped(range, _maps);
    }

    // Linux moves several mappings with one call (6.17), but none that is registered with a userfaultfd. Devices' pages come back first.
    private Errno RemapSeveral(AddressRange range, RemapFlags flags, ulong newAddress, out ulong mapped)
    {
        ulong length = range.Last - range.Start + 1;
        ReturnRange(range);
        _handler!.Unregister(range);
        Errno error = AddressOrError(_calls.Remap(range.Start, length, length, (int)flags, newAddress), out mapped);
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
            // A program that may not touch a page cannot bring it back.
            if ((protection & Protection.Read) == 0 && WholePages(address, length) is { } range)
                ReturnRange(range);
            using (Announce(address, length, InvalidationEvent.ProtectionVma))
                return ProtectOwn(address, length, protection);
        }
    }

    /// <summary>Several mappings move together with the gaps between them, and then keep their length; one alone may change it.</summary>
    private List<AddressRange> RangesAfterRemap(ulong address, ulong size, ulong mapped, ulong newSize)
    {
        if (newSize > size)
            return [AddressRange.FromLength(mapped, newSize)]; // One mapping, or it would have been refused.
        List<AddressRange> parts = _mappings.PartsOf(AddressRange.FromLength(address, newSize));
        return parts.ConvertAll(range => new AddressRange(mapped + (range.Start - address), mapped + (range.Last - address)));
    }

    private Errno UnmapOwn(ulong address, ulong length)
    {
        ulong size = PageAlign(length);
        if (address % PageBytes != 0 || size == 0 || address > EndOfUserAddresses || size > EndOfUserAddresses - address)
            return _calls.Unmap(address, length); // The kernel refuses it.
        var asked = AddressRange.FromLength(address, size);
        foreach (AddressRange range in _mappings.PartsOf(asked))
        {
            Errno error = _reservesUnmappedRanges ? Keep(range) : _calls.Unmap(range.Start, range.Last - range.Start + 1);
            if (error != Errno.None)
                return error;
            _mappings.NoteUnmapped(range);
        }

        return Errno.None;
    }
}
