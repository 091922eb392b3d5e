namespace MmuNotifier.Hmm;

/// <summary>
/// An address space as a device sees it (<c>mm_struct</c> with its page table): mappings, page-table entries, faults, frames, and the ways
/// to take pages from the CPU. Each change raises on <see cref="Space"/> the invalidation that Linux would raise.
/// </summary>
/// <remarks>
/// <para>Every method may be called from any thread, but not under a lock that a notifier's callback takes: they take the mapping lock
/// (<c>mmap_lock</c>), under which callbacks run. Callbacks may call <see cref="ReadFrame"/>, <see cref="ReadFrames"/> and
/// <see cref="WriteFrame"/> only.</para>
/// <para>Addresses are byte addresses; any byte of a page names the page. Pages have 4096 bytes (<see cref="PageBytes"/>).</para>
/// </remarks>
public abstract class MirroredMemory : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 4096;

    /// <summary>Where the changes of this memory are announced.</summary>
    public abstract AddressSpace Space { get; }

    /// <summary>Finds the mapping that covers the address, or the next one above it (<c>find_vma</c>).</summary>
    /// <param name="address">A byte address.</param>
    /// <param name="mapping">The mapping; look at its range to see whether it covers the address.</param>
    /// <returns>False if none is there or above.</returns>
    public abstract bool TryFindMapping(ulong address, out Mapping mapping);

    /// <summary>
    /// Reads the entries of the CPU's page table, without faulting; each as it was at one moment, but not all at the same moment.
    /// </summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="entries">
    /// Receives one entry per page; its length must be the number of pages. Its content is undefined after an error.
    /// </param>
    /// <returns>None; InputOutput if the page table cannot be read.</returns>
    public abstract Errno GetPages(AddressRange range, Span<PageEntry> entries);

    /// <summary>Finds the pages that are in a device's memory, each as it was at one moment; takes time in proportion to them.</summary>
    /// <param name="device">The device's memory.</param>
    /// <returns>The addresses of their first bytes, ascending.</returns>
    public abstract IReadOnlyList<ulong> FindDevicePages(DeviceMemory device);

    /// <summary>Faults one page in for a device, as a CPU touch would (<c>handle_mm_fault</c>).</summary>
    /// <param name="address">A byte of the page.</param>
    /// <param name="isWrite">Whether it is to be writable: breaks copy-on-write.</param>
    /// <param name="owner">Private device pages of this owner stay where they are; others come back. Null: all come back.</param>
    /// <returns>
    /// None; Again if it has let go of the mapping lock, to wait or to bring the page back: look at the page again; BadAddress if no
    /// mapping is there, it does not permit reading, or the page is beyond the end of its file; NotPermitted for a write that the mapping
    /// does not permit; NoMemory; Busy if a migration holds the page for too long.
    /// </returns>
    public abstract Errno FaultIn(ulong address, bool isWrite, object? owner = null);

    /// <summary>Reads the bytes of a page by its frame, as a device does: past the CPU's page table.</summary>
    /// <param name="frame">The frame of an entry; only as long as the entry is not invalidated.</param>
    /// <param name="offset">First byte in the page.</param>
    /// <param name="destination">Gets the bytes; within the page.</param>
    /// <returns>
    /// None; Again if the CPU has taken the page back or the device's page was freed: begin a new read section; BadAddress if there is no
    /// such frame any more.
    /// </returns>
    public abstract Errno ReadFrame(ulong frame, int offset, Span<byte> destination);

    /// <summary>Reads whole pages by their frames, each as <see cref="ReadFrame"/> does.</summary>
    /// <param name="frames">The frames of entries; only as long as the entries are not invalidated.</param>
    /// <param name="destination">Receives the bytes, page after page; its length must be that of the pages.</param>
    /// <returns>How many of the first pages were read; if not all, the next one answers Again or BadAddress.</returns>
    public virtual int ReadFrames(ReadOnlySpan<ulong> frames, Span<byte> destination)
    {
        int done = 0;
        while (done < frames.Length && ReadFrame(frames[done], 0, destination.Slice(done * PageBytes, PageBytes)) == Errno.None)
            done++;
        return done;
    }

    /// <summary>Writes bytes of a page by its frame, as a device does: past the CPU's page table.</summary>
    /// <param name="frame">The frame of a writable entry; only as long as the entry is not invalidated.</param>
    /// <param name="offset">First byte in the page.</param>
    /// <param name="source">The bytes; within the page.</param>
    /// <returns>As <see cref="ReadFrame"/>.</returns>
    public abstract Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source);

    /// <summary>
    /// Takes the writable pages of a range for a device alone (<c>make_device_exclusive_range</c>): each is faulted in for writing, then
    /// the CPU's entry becomes one that faults. Event Exclusive with the owner. A CPU touch takes a page back, and raises Exclusive without
    /// an owner before that.
    /// </summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="owner">Whose notifiers are not called.</param>
    /// <param name="frames">Gets a frame for each page that was taken, 0 for the others.</param>
    /// <returns>None if at least one was taken; otherwise BadAddress, NotPermitted or Busy.</returns>
    public abstract Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames);

    /// <summary>First step of a migration; see <see cref="PageMigration"/>, the only caller. Event Migrate with the owner.</summary>
    /// <param name="range">Whole pages of one mapping.</param>
    /// <param name="select">Which pages are to move.</param>
    /// <param name="owner">Whose notifiers are not called, and whose device pages are selected.</param>
    /// <param name="pages">Gets one element a page. Until <see cref="FinishPages"/>, CPU touches of the pages that can move wait.</param>
    /// <returns>None; InvalidArgument for a hole, an I/O mapping or one that cannot be read.</returns>
    protected internal abstract Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages);

    /// <summary>
    /// Second step: copies the content of each page that can move and has a destination. One that cannot be copied is marked as one that
    /// cannot move: it stays.
    /// </summary>
    /// <param name="pages">As filled by <see cref="CollectPages"/>, with destinations.</param>
    protected internal abstract void CopyPages(Span<MigratePage> pages);

    /// <summary>
    /// Third step: each page with a destination is moved or put back, the others are put back, and waiting threads continue.
    /// </summary>
    /// <param name="range">As given to <see cref="CollectPages"/>.</param>
    /// <param name="owner">As given to <see cref="CollectPages"/>.</param>
    /// <param name="pages">
    /// As filled by <see cref="CollectPages"/>. <see cref="MigratePage.IsMoved"/> is set on those that moved: the memory owns their frames.
    /// If the memory has taken over a frame but the page no longer exists, <see cref="MigratePage.DestinationFrame"/> is set to 0. The
    /// caller owns the other frames.
    /// </param>
    protected internal abstract void FinishPages(AddressRange range, object owner, Span<MigratePage> pages);

    /// <summary>Lets go of the address space; see the implementation.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of the address space.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
