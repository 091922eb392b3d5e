using System.Runtime.CompilerServices;

namespace MmuNotifier.Linux;

internal sealed unsafe partial class PageMap
{
    private const int RegionsPerProbe = 32;
    private const int EntriesPerRead = 128;

    // Of an entry that is not present, with the right to see it: 5 bits of type, of which the last one is "marker".
    private const ulong TypeMask = 0x1F;
    private const ulong MarkerType = 0x1F;
    private const ulong FrameMask = (1UL << 55) - 1;

    /// <summary>
    /// Whether a page of [start, last] is there that was armed and not written since. This is the question after a Remove event,
    /// which the kernel sends before it drops the pages: only when none is left has the removal taken effect for all that was armed.
    /// </summary>
    /// <remarks>
    /// A dropped page of a file or of shared memory leaves a marker that keeps the protection, and a later read of it maps a page that is
    /// protected from the start. For a private file such a page is recognized by being the file's own. For shared memory it cannot be
    /// distinguished from one never dropped: <see cref="ProtectionState.SomeLeft"/> may then stay for ever, so bound the wait. (That
    /// matters for MADV_REMOVE only: DONTNEED does not change what shared memory holds.)
    /// </remarks>
    [SkipLocalsInit]
    internal PageMapStatus AnyStillProtected(ulong start, ulong last, DropBehaviour behaviour, out ProtectionState state)
    {
        Span<PageRegion> regions = stackalloc PageRegion[RegionsPerProbe];
        PageFilter filter = behaviour == DropBehaviour.PrivateFile ? PageFilter.ProtectedPrivate : PageFilter.Protected;
        state = ProtectionState.NoneLeft;
        while (start <= last)
        {
            PageMapStatus status = Scan(
                start, last, regions, PageScanFlags.None, in filter, maxPages: 0, out int count, out ulong walkEnd);
            if (status != PageMapStatus.Complete)
                return status;
            foreach (PageRegion region in regions[..count])
            {
                ProtectionState found = (region.Categories & PageCategories.Present) != 0
                    ? ProtectionState.SomeLeft
                    : WithoutMarkers(region, behaviour);
                if (found != ProtectionState.NoneLeft)
                    state = found;
                if (found == ProtectionState.SomeLeft)
                    return PageMapStatus.Complete;
            }

            start = walkEnd;
        }

        return IsAlive() ? PageMapStatus.Complete : PageMapStatus.ProcessGone;
    }

    [SkipLocalsInit]
    private ProtectionState WithoutMarkers(PageRegion region, DropBehaviour behaviour)
    {
        ulong* entries = stackalloc ulong[EntriesPerRead];
        for (ulong page = region.Start / PageSize.Bytes; page < region.End / PageSize.Bytes;)
        {
            ulong wanted = Math.Min(EntriesPerRead, (region.End / PageSize.Bytes) - page);
            long read = Syscall.ReadAt(_file, entries, (nuint)(wanted * sizeof(ulong)), (long)(page * sizeof(ulong)));
            if (read <= 0)
                return ProtectionState.NoneLeft;
            int count = (int)(read / sizeof(ulong));
            for (int i = 0; i < count; i++)
            {
                ProtectionState state = StateOf(entries[i], behaviour);
                if (state != ProtectionState.NoneLeft)
                    return state;
            }

            page += (ulong)count;
        }

        return ProtectionState.NoneLeft;
    }

    // The entry may have changed since the scan: an empty one has gone, a page that came back from swap is still to be counted.
    private static ProtectionState StateOf(ulong entry, DropBehaviour behaviour)
    {
        const ulong present = 1UL << 63;
        const ulong swapped = 1UL << 62;
        const ulong ofFile = 1UL << 61;
        const ulong isProtected = 1UL << 57;
        if ((entry & isProtected) == 0)
            return ProtectionState.NoneLeft;
        if ((entry & present) != 0)
            return behaviour == DropBehaviour.PrivateFile && (entry & ofFile) != 0 ? ProtectionState.NoneLeft : ProtectionState.SomeLeft;
        if ((entry & swapped) == 0)
            return ProtectionState.NoneLeft;
        // A frame that is hidden from this process reads as zero, which no marker is: its lowest bits are its type.
        ulong frame = entry & FrameMask;
        if (frame == 0)
            return ProtectionState.Unknown;
        return (frame & TypeMask) == MarkerType ? ProtectionState.NoneLeft : ProtectionState.SomeLeft;
    }
}
