namespace MmuNotifier.Linux;

/// <summary>
/// Says which pages of a range of this process's own memory were written since the last look, whichever code wrote them: what
/// <c>GetWriteWatch</c> is on Windows. Made by <see cref="LinuxMemoryWatch.TryWatchWrites"/>.
/// </summary>
/// <remarks>
/// <para>
/// No write is missed that a thread of this process, or the kernel in a system call of it, makes through the range's own addresses: it is
/// in the answer of a look that was under way, or of the next one. More may be said to be written than was: pages that were touched for the
/// first time, even if only read; pages whose content was unmapped, moved or dropped; all of the range when events were lost or the kernel
/// refused a look; and whatever cannot be watched, in each answer.
/// </para>
/// <para>
/// Not seen: writes through another mapping of the same memory, and writes of devices to pages that they hold on to (direct I/O, registered
/// buffers of an io_uring). docs/watching-own-memory.md, "Which pages were written".
/// </para>
/// <para>Any thread; several on the same pages do not take from each other.</para>
/// </remarks>
public sealed class WriteWatch : IDisposable
{
    private readonly LinuxMemoryWatch _watch;
    private readonly IntervalNotifier _notifier;

    /// <summary>Of what was noted. The innermost lock: held inside callbacks and inside the watch's lock.</summary>
    private readonly Lock _lock = new();
    private readonly ChangedRanges _noted = new();
    private int _isDisposed;

    internal WriteWatch(LinuxMemoryWatch watch, AddressRange pages)
    {
        (_watch, Range) = (watch, pages);
        _notifier = watch.Space.Insert(pages, NoteChange);
    }

    /// <summary>What is watched: whole pages, bounds inclusive.</summary>
    public AddressRange Range { get; }

    /// <summary>
    /// The pages that were written since the last call, or since the watch was made. The next call begins from here. Reports what has
    /// changed in the process's memory first, as <see cref="LinuxMemoryWatch.CatchUp"/> does.
    /// </summary>
    /// <param name="written">
    /// Its content is replaced by ranges of whole pages, ascending, that neither overlap nor touch; none if nothing was written.
    /// </param>
    /// <remarks>
    /// To tell notifiers of written pages, report them on an <see cref="AddressSpace"/> of your own: an invalidation on the watch's space
    /// counts as a change of the memory, so the next look would give the same pages again.
    /// Not under a lock that a callback of the watch's space takes. A system call for each 32,768 written pages, two for each mapping, and
    /// what <see cref="LinuxMemoryWatch.CatchUp"/> costs; threads that map or unmap memory wait meanwhile, for about a millisecond at most.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void TakeWritten(List<AddressRange> written)
    {
        ArgumentNullException.ThrowIfNull(written);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        _watch.CatchUp();
        _watch.CollectWritten(this);
        written.Clear();
        lock (_lock)
            written.AddRange(_noted.Take());
    }

    /// <summary>Ends the watch. Not inside callbacks of the watch's space. The second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _notifier.Remove();
        _watch.EndWriteWatch(this);
    }

    internal void Note(AddressRange pages)
    {
        if (!Range.TryIntersect(pages, out AddressRange part))
            return;
        lock (_lock)
            _noted.Add(part);
    }

    /// <summary>The content has gone. A change of protection is no write.</summary>
    private InvalidateResult NoteChange(in Invalidation change)
    {
        if (change.Event is not (InvalidationEvent.ProtectionVma or InvalidationEvent.ProtectionPage or InvalidationEvent.SoftDirty))
            Note(new AddressRange(PageSize.StartOf(change.Overlap.Start), change.Overlap.Last | PageSize.OffsetMask));
        return InvalidateResult.Done;
    }
}
