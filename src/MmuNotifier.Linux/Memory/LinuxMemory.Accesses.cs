using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>
/// Accesses by the CPU and by devices: the kernel's copies between an address and a scratch file. They fault as a program's would, and
/// answer EFAULT instead of a signal.
/// </content>
public sealed unsafe partial class LinuxMemory
{
    private const int ScratchBytes = 1 << 16;

    /// <inheritdoc/>
    public override Errno Load(ulong address, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
            return Touch(address, buffer, destination.Length, isStore: false);
    }

    /// <inheritdoc/>
    public override Errno Store(ulong address, ReadOnlySpan<byte> source)
    {
        fixed (byte* buffer = source)
            return Touch(address, buffer, source.Length, isStore: true);
    }

    /// <inheritdoc/>
    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null)
    {
        AddressRange page = PageSize.RangeOf(address);
        if (!_devicePages.WaitForMigration(page.Start))
            return Errno.Busy;
        using (_mappingLock.Hold())
        {
            Errno error = CheckMapping(page.Start, isWrite);
            if (error != Errno.None)
                return error;
            if (_devicePages.TryFindAway(page.Start, out TakenPage taken))
            {
                if (taken.State == TakenState.Private
                    && owner is not null
                    && taken.Memory!.Owner == owner
                    && !taken.Memory.IsRevoked(taken.Frame))
                    return Errno.None;
                ReturnRange(page);
            }

            // Only what is not done through this object can come between. EINVAL: the mapping permits it no longer; ENOMEM: it has gone, or
            // no memory is left.
            error = AdviseAnnounced(page.Start, PageBytes, isWrite ? Advice.PopulateWrite : Advice.PopulateRead);
            bool isGone = error == Errno.NoMemory && CheckMapping(page.Start, isWrite) != Errno.None;
            return isGone || error == Errno.InvalidArgument ? Errno.BadAddress : error;
        }
    }

    /// <inheritdoc/>
    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
        {
            if (TryFindOfDevice(ref frame, out DeviceMemory? memory))
                return memory is null
                    ? Errno.BadAddress
                    : PageHandler.Access(memory, frame, offset, buffer, destination.Length, isWrite: false);
            ulong address = (frame * PageBytes) + (ulong)offset;
            return LoadAll(address, buffer, destination.Length);
        }
    }

    /// <inheritdoc/>
    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* buffer = source)
        {
            if (TryFindOfDevice(ref frame, out DeviceMemory? memory))
                return memory is null ? Errno.BadAddress : PageHandler.Access(memory, frame, offset, buffer, source.Length, isWrite: true);
            ulong address = (frame * PageBytes) + (ulong)offset;

            // Callbacks write too, so no lock is taken to announce copies: a writable entry implies that the page is not shared, so that no
            // copy can happen.
            return StoreAll(address, buffer, source.Length, announcesCopies: false);
        }
    }

    // False if the content is in this process: then the frame becomes the page's number.
    private bool TryFindOfDevice(ref ulong frame, out DeviceMemory? memory)
    {
        memory = null;
        if (frame < DeviceMemory.FirstDeviceFrame || _devicePages.TryFindResident(ref frame))
            return false;
        memory = DeviceMemory.Of(frame);
        return true;
    }

    private Errno CheckMapping(ulong address, bool isWrite)
    {
        if (!TryFindMapping(address, out Mapping mapping)
            || !mapping.Range.Contains(address)
            || (mapping.Protection & Protection.Read) == 0)
            return Errno.BadAddress;
        return isWrite && (mapping.Protection & Protection.Write) == 0 ? Errno.NotPermitted : Errno.None;
    }

    // A touch of the CPU through this object: when it is over, devices know which pages it took back.
    private Errno Touch(ulong address, byte* buffer, int length, bool isStore)
    {
        // Asked before and after: a page may be taken during this, and may be followed by another thread before this ends, which is
        // waited for.
        bool IsAnyAway() => length > 0 && _devicePages.AnyAway(AddressRange.FromLength(address, (ulong)length));
        bool takesBack = IsAnyAway();
        Errno error = isStore ? StoreAll(address, buffer, length, announcesCopies: true) : LoadAll(address, buffer, length);
        takesBack = takesBack || IsAnyAway();
        if (takesBack)
        {
            using (_mappingLock.Hold())
                HandleMessages();
        }

        return error;
    }

    private Errno LoadAll(ulong address, byte* to, int length)
    {
        for (int done = 0; done < length;)
        {
            Errno error = LoadSome(address + (ulong)done, to + done, length - done, ref done);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private Errno StoreAll(ulong address, byte* from, int length, bool announcesCopies)
    {
        for (int done = 0; done < length;)
        {
            ulong next = address + (ulong)done;
            int wanted = Math.Min(length - done, ScratchBytes);
            Errno error = announcesCopies && FindCopied(next, wanted) is not null
                ? StoreCopying(next, from + done, wanted, ref done)
                : StoreSome(next, from + done, wanted, ref done);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    // Only what is mapped through this object is touched: in a hole the runtime may have put memory of its own meanwhile. Under the lock
    // that changes of the mappings take too, so that none comes between the check and the copy.
    private Errno LoadSome(ulong address, byte* to, int length, ref int done)
    {
        lock (_scratchLock)
        {
            int count = _mappings.BytesBeforeHole(address, Math.Min(length, ScratchBytes));
            if (count == 0)
                return Errno.BadAddress;
            long copied = _calls.CopyToScratch(address, count);
            if (copied > 0)
                copied = Syscall.ReadAt(_scratch, to, (nuint)copied, 0);
            done += (int)Math.Max(copied, 0);
            return Syscall.ErrorOf(copied);
        }
    }

    // A fault that fails in the middle leaves the bytes before it written; the next round begins at it.
    private Errno StoreSome(ulong address, byte* from, int length, ref int done)
    {
        lock (_scratchLock)
        {
            int count = _mappings.BytesBeforeHole(address, Math.Min(length, ScratchBytes));
            if (count == 0)
                return Errno.BadAddress;
            long copied = Syscall.WriteAt(_scratch, from, (nuint)count, 0);
            if (copied > 0)
                copied = _calls.CopyFromScratch(address, (int)copied);
            done += (int)Math.Max(copied, 0);
            return Syscall.ErrorOf(copied);
        }
    }

    // Forks take the mapping lock, so that no other page needs a copy by the time of the write than those announced. Without it, a fork
    // between looking and writing is harmless: the write is as if before it or after it, and frames here are addresses, which stay.
    private Errno StoreCopying(ulong address, byte* from, int length, ref int done)
    {
        List<InvalidationScope> scopes = [];
        using (_mappingLock.Hold())
        {
            try
            {
                foreach (AddressRange page in FindCopied(address, length) ?? [])
                {
                    scopes.Add(Space.StartInvalidation(page, InvalidationEvent.Clear));
                    _devicePages.FreeResident(page);
                }

                return StoreSome(address, from, length, ref done);
            }
            finally
            {
                scopes.ForEach(scope => scope.Dispose());
            }
        }
    }

    // Under an invalidation: the copies that a write to each page makes are no device's by name any more.
    private void FreeCopied(AddressRange range)
    {
        _mappingLock.AssertHeld();
        foreach (AddressRange own in _mappings.PartsOf(range))
        {
            for (ulong address = own.Start; address <= own.Last; address += ScratchBytes)
            {
                int length = (int)Math.Min(ScratchBytes, own.Last - address + 1);
                foreach (AddressRange page in FindCopied(address, length) ?? [])
                    _devicePages.FreeResident(page);
            }
        }
    }

    /// <summary>The pages that a write would replace by copies; null if there is none.</summary>
    private List<AddressRange>? FindCopied(ulong address, int length)
    {
        lock (_scratchLock)
        {
            int count = _mappings.BytesBeforeHole(address, length);
            return count == 0 ? null : FindCopiedOf(address, count);
        }
    }

    // A private page that is present and somebody else's too: a file's, the page of zeros, a relative's.
    private List<AddressRange>? FindCopiedOf(ulong address, int length)
    {
        const int maxPages = (ScratchBytes / PageBytes) + 1;
        const ulong looked = PageTableEntries.Present | PageTableEntries.OfFile | PageTableEntries.Exclusive;
        const ulong alone = PageTableEntries.Present | PageTableEntries.Exclusive;
        ulong first = PageSize.StartOf(address);
        Span<ulong> table = stackalloc ulong[maxPages];
        table = table[..(int)((address - first + (ulong)length + PageBytes - 1) / PageBytes)];
        // What is not known counts as somebody else's too.
        if (!_pageMap.ReadEntries(first, table))
            table.Fill(PageTableEntries.Present);
        List<AddressRange>? pages = null;
        ulong next = first;
        for (int i = 0; i < table.Length; i++)
        {
            ulong page = first + ((ulong)i * PageBytes);
            bool isAlone = (table[i] & PageTableEntries.Present) == 0 || (table[i] & looked) == alone;
            if (isAlone || page < next || !TryQuery(page, out QueriedMapping mapping, out AddressRange range))
                continue;
            if (mapping.Shared || (mapping.Protection & MappingProtection.Write) == 0)
            {
                next = range.Last + 1;
                continue;
            }

            ulong start = page & ~(mapping.PageSizeBytes - 1);
            (pages ??= []).Add(AddressRange.FromLength(start, mapping.PageSizeBytes));
            next = start + mapping.PageSizeBytes;
        }

        return pages;
    }
}
