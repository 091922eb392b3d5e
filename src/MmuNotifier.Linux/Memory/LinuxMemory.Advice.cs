using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>madvise.</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    /// <remarks>
    /// Filling for writing is announced too, for it replaces pages that are copied on write; where all are writable, it changes none.
    /// </remarks>
    public override Errno Advise(ulong address, ulong length, Advice advice)
    {
        if (!Enum.IsDefined(advice))
            return Errno.InvalidArgument;
        if (advice == Advice.Remove)
            return AdviseRemove(address, length);
        using (_mappingLock.Hold())
            return AdviseAnnounced(address, length, advice);
    }

    /// <summary>All but Remove.</summary>
    private Errno AdviseAnnounced(ulong address, ulong length, Advice advice)
    {
        _mappingLock.AssertHeld();
        bool changesPages = advice is Advice.DontNeed or Advice.Free or Advice.Collapse
            || (advice == Advice.PopulateWrite && !IsWritableWithoutFault(address, length));
        using (changesPages ? Announce(address, length, InvalidationEvent.Clear) : default)
        {
            if (advice == Advice.PopulateWrite && _handler is not null && WholePages(address, length) is { } range)
                FreeCopied(range);
            Errno error = AdviseOwn(address, length, advice);
            HandleMessages(WholePages(address, length));
            return error;
        }
    }

    // Under the mapping lock no page stops being writable: only the CPU's accesses come between, which make pages so. A driver that faults
    // with KVM's scheme counts every event against its fault, and would not come to an end if a fault that has nothing to do raised one.
    private bool IsWritableWithoutFault(ulong address, ulong length)
    {
        const ulong ChunkBytes = 64 * PageBytes;
        ulong size = PageAlign(length);
        if (address % PageBytes != 0 || address > ulong.MaxValue - size)
            return false;
        Span<PageEntry> entries = stackalloc PageEntry[(int)(ChunkBytes / PageBytes)];
        for (ulong done = 0; done < size; done += ChunkBytes)
        {
            var range = AddressRange.FromLength(address + done, Math.Min(ChunkBytes, size - done));
            Span<PageEntry> part = entries[..(int)((range.Last - range.Start + 1) / PageBytes)];
            if (GetPages(range, part) != Errno.None)
                return false;
            foreach (ref readonly PageEntry entry in part)
            {
                if (entry is not { State: PageState.Present, IsWritable: true })
                    return false;
            }
        }

        return true;
    }

    // Every mapping of the file may lose the pages, not only the one that is named, and in every member of the family. Shared anonymous
    // memory is a file here too: mremap makes second mappings of it, and so does fork.
    private Errno AdviseRemove(ulong address, ulong length) => _family.Change(
        (memory, scopes) =>
        {
            if (memory == this)
                scopes.Add(Announce(address, length, InvalidationEvent.Clear));
            memory.AnnounceFiles(scopes);
        },
        () =>
        {
            Errno error = AdviseOwn(address, length, Advice.Remove);
            HandleMessages(WholePages(address, length));
            return error;
        });
}
