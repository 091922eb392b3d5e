using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>
/// Holes in a range. For the kernel a hole that the runtime has filled meanwhile is none: what is asked for the whole range would hit the
/// runtime's memory. So each call is made for what was mapped here only, and answers as at a hole.
/// </content>
public sealed unsafe partial class LinuxMemory
{
    /// <summary>
    /// Where mappings lie whose address nobody chose: far from where the kernel puts those of others, so that holes are left alone.
    /// </summary>
    private const ulong FirstHint = 0x5000_0000_0000;

    private const ulong LastHint = 0x6fff_ffff_ffff;
    private const ulong HintDistance = 1 << 16;

    private static ulong s_nextHint = FirstHint;

    /// <summary>An address that is probably free, for mmap to consider; at a multiple of 2 MiB if huge pages fit in.</summary>
    private static ulong HintFor(ulong size)
    {
        ulong alignment = size >= HugePagePool.PageBytes ? HugePagePool.PageBytes : PageBytes;
        ulong taken = size + HintDistance + alignment;
        if (taken > LastHint - FirstHint)
            return 0;
        ulong end = Interlocked.Add(ref s_nextHint, taken);
        if (end > LastHint)
            Interlocked.CompareExchange(ref s_nextHint, FirstHint, end);
        return AlignUp(end - taken, alignment);
    }

    /// <summary>Bytes from the address up to the first that is not mapped here, at most the length.</summary>
    private ulong BytesBeforeHole(AddressRange range)
    {
        List<AddressRange> parts = _mappings.PartsOf(range);
        return parts.Count > 0 && parts[0].Start == range.Start ? parts[0].Last - parts[0].Start + 1 : 0;
    }

    /// <summary>madvise of what is mapped here. Filling ends at a hole, other advice continues behind it; both report the hole.</summary>
    private Errno AdviseOwn(ulong address, ulong length, Advice advice)
    {
        if (WholePages(address, length) is not { } range)
            return _calls.Advise(address, length, (int)advice);
        ulong next = range.Start;
        bool hasHole = false;
        foreach (AddressRange part in _mappings.PartsOf(range))
        {
            hasHole |= part.Start != next;
            if (hasHole && advice is Advice.PopulateRead or Advice.PopulateWrite)
                break;
            Errno error = _calls.Advise(part.Start, part.Last - part.Start + 1, (int)advice);
            if (advice is Advice.DontNeed or Advice.Free or Advice.Remove)
                EndRemovals(part);
            if (error is not (Errno.None or Errno.NoMemory))
                return error;
            hasHole |= error == Errno.NoMemory; // Others have unmapped something.
            next = part.Last + 1;
        }

        return hasHole || next != range.Last + 1 ? Errno.NoMemory : Errno.None;
    }

    /// <summary>mprotect, which ends at a hole and reports it.</summary>
    private Errno ProtectOwn(ulong address, ulong length, Protection protection)
    {
        if (WholePages(address, length) is not { } range)
            return _calls.Protect(address, length, (int)protection);
        ulong before = BytesBeforeHole(range);
        Errno error = before == 0 ? Errno.NoMemory : _calls.Protect(address, before, (int)protection);
        return error == Errno.None && before <= range.Last - range.Start ? Errno.NoMemory : error;
    }

    /// <summary>Whether anything is mapped in the range that was not mapped here. mremap would move it.</summary>
    private bool HasOthersMapping(AddressRange range)
    {
        ulong next = range.Start;
        foreach (AddressRange part in _mappings.PartsOf(range))
        {
            if (part.Start != next && IsMappedByKernel(new AddressRange(next, part.Start - 1)))
                return true;
            next = part.Last + 1;
        }

        return next == range.Last + 1 ? false : IsMappedByKernel(new AddressRange(next, range.Last));
    }

    private bool IsMappedByKernel(AddressRange range) =>
        _maps.Query(range.Start, out QueriedMapping found) == Errno.None && found.Start <= range.Last;
}
