namespace MmuNotifier;

/// <summary>Says, cheaply, whether watched memory may have changed, and reports the changes on an address space.</summary>
public interface IMemoryWatch : IDisposable
{
    /// <summary>
    /// Where changes are reported: <see cref="InvalidationEvent.Unmap"/> for unmap, remap and mapping over,
    /// <see cref="InvalidationEvent.Clear"/> for DONTNEED, FREE and REMOVE, <see cref="InvalidationEvent.ProtectionVma"/> for mprotect.
    /// </summary>
    AddressSpace Space { get; }

    /// <summary>
    /// Null while it works; otherwise why it cannot report changes any more (no userfaultfd, the reader died, this is a forked child...).
    /// Once set it stays: nothing may be cached then.
    /// </summary>
    string? Failure { get; }

    /// <summary>
    /// Changes whenever watched memory may have changed: a change made by any thread has moved it before the call that made the change
    /// returns. A few loads of native memory, or one short system call that waits for nothing; any thread, any lock. While it equals what
    /// <see cref="CatchUp"/> returned, nothing has changed.
    /// </summary>
    ulong Stamp { get; }

    /// <summary>
    /// Reports every change announced so far on <see cref="Space"/>, and returns the stamp up to which nothing is left to report. The
    /// reports run on the calling thread or on another; when it returns they are done. May be called inside callbacks of
    /// <see cref="Space"/>, and by many threads. Bounded: on a time-out <see cref="Failure"/> is set.
    /// </summary>
    ulong CatchUp();

    /// <summary>Watches the mappings under the range as wholes: every unmap, remap and advice there is seen from now on.</summary>
    /// <param name="range">What is to be watched, bounds inclusive.</param>
    /// <returns>False if it cannot be watched: what is registered there must not be kept.</returns>
    bool TryWatch(AddressRange range);

    /// <summary>Whether memory is mapped throughout the range, now. True where that is not known.</summary>
    /// <param name="range">Where, bounds inclusive.</param>
    bool IsMapped(AddressRange range) => true;

    /// <summary>
    /// No longer needed; the watch may stop watching mappings nobody needs. Counted: one for each <see cref="TryWatch"/> that returned
    /// true.
    /// </summary>
    /// <param name="range">As given to <see cref="TryWatch"/>.</param>
    void Unwatch(AddressRange range);

    /// <summary>
    /// Whether a change in the range is under way whose end is not reported (MADV_DONTNEED and the like: the event comes before the pages
    /// go). What is registered meanwhile must not be kept.
    /// </summary>
    /// <param name="range">Where, bounds inclusive.</param>
    bool IsChanging(AddressRange range);

    /// <summary>
    /// Begins to see what comes without an event (copy-on-write after fork, guard pages, shmdt): protects the pages of the range,
    /// asynchronously, so that nobody blocks.
    /// </summary>
    /// <param name="range">Where, bounds inclusive.</param>
    void Arm(AddressRange range);

    /// <summary>
    /// Whether no page of the range has changed its frame, or been written, since <see cref="Arm"/>. False at doubt.
    /// </summary>
    /// <param name="range">Where, bounds inclusive.</param>
    bool IsIntact(AddressRange range);
}
