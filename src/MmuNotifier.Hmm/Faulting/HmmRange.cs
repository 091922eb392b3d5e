using System.Buffers;

namespace MmuNotifier.Hmm;

/// <summary>
/// Range faults: what the CPU's page table says of a range, after faulting in what is asked for (<c>hmm_range_fault</c>).
/// </summary>
public static partial class HmmRange
{
    /// <summary>
    /// How long a driver usually tries a busy range before it gives up (<c>HMM_RANGE_DEFAULT_TIMEOUT</c>). One call here tries a page that
    /// is taken away again after each fault for as long.
    /// </summary>
    public static TimeSpan DefaultTimeout => TimeSpan.FromMilliseconds(1000);

    /// <summary>Reports the pages of a range, and faults in those of which a request asks more than is there.</summary>
    /// <param name="memory">The address space.</param>
    /// <param name="section">A read section that covers the range; it is checked before each walk. After this call, take the driver lock,
    /// check
    /// <see cref="ReadSection.MustRetry"/> and commit.</param>
    /// <param name="range">Whole pages.</param>
    /// <param name="entries">One a page. In: bits of a request, of which <paramref name="requestMask"/> counts. Out: what is there.</param>
    /// <param name="request">Asked of every page.</param>
    /// <param name="requestMask">Which request bits of the entries count.</param>
    /// <param name="deviceOwner">Private device pages of this owner are reported as they are.</param>
    /// <returns>
    /// None; Busy if the section must begin again, or if a page could not be had for <see cref="DefaultTimeout"/>; BadAddress where a fault
    /// was asked for and there is no readable mapping; NotPermitted for a write to a mapping that does not permit it; NoMemory.
    /// </returns>
    public static Errno Fault(
        MirroredMemory memory,
        in ReadSection section,
        AddressRange range,
        Span<HmmEntry> entries,
        HmmRequest request,
        HmmRequest requestMask = HmmRequest.None,
        object? deviceOwner = null)
    {
        RequireWholePages(memory, range, entries);
        return Walk(memory, section, range, entries, request, requestMask, deviceOwner, out _);
    }

    /// <summary>Reports the pages of a range as they are; faults nothing.</summary>
    /// <param name="memory">The address space.</param>
    /// <param name="section">A read section that covers the range.</param>
    /// <param name="range">Whole pages.</param>
    /// <param name="entries">Gets one a page.</param>
    /// <param name="deviceOwner">Private device pages of this owner are reported, those of others count as none.</param>
    /// <returns>None, or Busy if the section must begin again.</returns>
    public static Errno Snapshot(
        MirroredMemory memory, in ReadSection section, AddressRange range, Span<HmmEntry> entries, object? deviceOwner = null) =>
        Fault(memory, section, range, entries, HmmRequest.None, HmmRequest.None, deviceOwner);

    private static void RequireWholePages(MirroredMemory memory, AddressRange range, ReadOnlySpan<HmmEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ulong pages = ((range.Last - range.Start) / MirroredMemory.PageBytes) + 1;
        if (range.Start % MirroredMemory.PageBytes != 0 || range.Last % MirroredMemory.PageBytes != MirroredMemory.PageBytes - 1)
            throw new ArgumentException($"{range} is not of whole pages of {MirroredMemory.PageBytes} bytes.", nameof(range));
        if ((ulong)entries.Length != pages)
            throw new ArgumentException($"The range has {pages} pages, but there are {entries.Length} entries.", nameof(entries));
    }

    private static Errno Walk(
        MirroredMemory memory,
        in ReadSection section,
        AddressRange range,
        Span<HmmEntry> entries,
        HmmRequest request,
        HmmRequest requestMask,
        object? deviceOwner,
        out bool hasLetGo)
    {
        PageEntry[] found = ArrayPool<PageEntry>.Shared.Rent(entries.Length);
        try
        {
            var walk = new HmmWalk(memory, range, entries, found.AsSpan(0, entries.Length), request, requestMask, deviceOwner);
            return walk.Run(section, out hasLetGo);
        }
        finally
        {
            ArrayPool<PageEntry>.Shared.Return(found);
        }
    }
}
