using System.Diagnostics;
using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Finds which pages of a process are written, from <see cref="LiveProcess.TrackWrites"/> on. Several trackers of one process, cores, and
/// other users of its address space do not disturb each other.
/// </summary>
/// <remarks>
/// <para>
/// Pages are protected against writes, asynchronously: the kernel lets the first write to each through and notes it. That costs the process
/// a page fault for each page, once for each <see cref="Take"/>: about 1 µs, on a virtual machine 10 µs and more. Pages that are not
/// written cost it nothing.
/// </para>
/// <para>
/// Not seen, and therefore named in <see cref="WrittenPages.NotSeen"/> where they can be: writes of other processes to memory that they
/// share with this one; files changed by <c>write(2)</c> or truncation; mappings that userfaultfd refuses or that the program watches with
/// a userfaultfd of its own. Not seen and not named: writes of devices and of the kernel to pages that they hold on to (direct I/O,
/// registered buffers of an io_uring).
/// </para>
/// <para>Calls into one process exclude each other, as <see cref="LiveProcess"/> says; <see cref="Dispose"/> may come at any time.</para>
/// </remarks>
public sealed class WriteTracker : IDisposable
{
    private const int MaxLooks = 3;

    private readonly LiveProcess _process;
    private readonly WatchedProcess _watch;
    private readonly PageTableLook _look;
    private readonly FileStamps _files;
    private readonly IntervalNotifier _notifier;

    /// <summary>Its own lock, which the callback takes.</summary>
    private readonly ChangedRanges _changed = new();
    private long _sinceTimestamp;
    private DateTimeOffset _since;
    private volatile bool _isDisposed;

    /// <exception cref="ProcessExitedException">The program is gone.</exception>
    internal WriteTracker(LiveProcess process, WatchedProcess watch)
    {
        (_process, _watch) = (process, watch);
        _look = new PageTableLook(watch, CoreContents.IsArmed);
        _files = new FileStamps(() => watch.MemoryId);
        try
        {
            _notifier = watch.Space.Insert(AddressRange.Whole, Note);
        }
        catch (AddressSpaceExitedException exception)
        {
            throw process.Gone(exception);
        }

        try
        {
            _ = TakeNow();
        }
        catch
        {
            _notifier.Remove();
            throw;
        }
    }

    /// <summary>The pages that were written since the last call, or since the tracker was made; they are protected again.</summary>
    /// <remarks>
    /// Takes milliseconds: reads the mappings, looks at the page table once, and asks all processes which of them share memory with this
    /// one. The process runs meanwhile, but not in calls that map or unmap memory, for at most a millisecond at a time. Invalidations of
    /// what was written are made on the calling thread. A write during the call is in this answer or the next one.
    /// </remarks>
    /// <exception cref="ProcessExitedException">The program is gone, and its memory with it.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says; or the kernel refused the look.</exception>
    /// <exception cref="ObjectDisposedException">The tracker or the process was disposed.</exception>
    public WrittenPages Take()
    {
        using LiveProcess.Call call = _process.Enter();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return TakeNow();
    }

    /// <summary>The mappings as the last look of any member has found them, in the order of addresses; makes no look of its own.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">The tracker or the process was disposed.</exception>
    public IReadOnlyList<LiveMapping> GetMappings()
    {
        using LiveProcess.Call call = _process.Enter();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _watch.Mappings.ConvertAll(mapping => LiveMapping.Of(in mapping));
    }

    /// <summary>
    /// The pages that were in memory at the last <see cref="Take"/>, or when the tracker was made: touched, and not swapped out. In
    /// ascending order, joined where they touch; whole pages of 4 KiB. Makes no look of its own.
    /// </summary>
    /// <exception cref="InvalidOperationException">As <see cref="LiveProcess"/> says.</exception>
    /// <exception cref="ObjectDisposedException">The tracker or the process was disposed.</exception>
    public IReadOnlyList<AddressRange> GetResident()
    {
        using LiveProcess.Call call = _process.Enter();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _look.GetResident();
    }

    /// <summary>
    /// Ends the tracking. The pages stay protected until they are written, or until the process is let go. Calls after the first do
    /// nothing. Waits for a callback of this tracker that runs, so it must not be called from a callback.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _notifier.Remove();
    }

    private WrittenPages TakeNow()
    {
        (DateTimeOffset now, long timestamp) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        MemorySharing sharing = _process.SurveySharing();
        for (int look = 1; !(_look.Look(sharing, _process.IsFrozen) && _look.TakeBackWritten()); look++)
        {
            _process.RequireProgram();
            if (look == MaxLooks)
                throw new InvalidOperationException($"The kernel refuses to look at the page table of process {_watch.ProcessId}.");
        }

        List<AddressRange> changed;
        lock (_changed)
            changed = _changed.Take();
        var written = new WrittenPages(_since, Stopwatch.GetElapsedTime(_sinceTimestamp, timestamp), [.. Mapped(changed)], NotSeen());
        (_since, _sinceTimestamp) = (now, timestamp);
        return written;
    }

    /// <summary>Called on any thread, for every change.</summary>
    private InvalidateResult Note(in Invalidation invalidation)
    {
        // The pages keep their content.
        if (invalidation.Event is InvalidationEvent.ProtectionPage or InvalidationEvent.SoftDirty or InvalidationEvent.ProtectionVma)
            return InvalidateResult.Done;
        lock (_changed)
            _changed.Add(invalidation.Overlap);
        return InvalidateResult.Done;
    }

    /// <summary>The parts that are mapped, in whole pages.</summary>
    private IEnumerable<AddressRange> Mapped(List<AddressRange> changed)
    {
        int next = 0;
        AddressRange? last = null;
        foreach (WatchedMapping mapping in _watch.Mappings)
        {
            while (next < changed.Count && changed[next].Last < mapping.Range.Start)
                next++;
            for (int i = next; i < changed.Count && changed[i].TryIntersect(mapping.Range, out AddressRange part); i++)
            {
                part = new AddressRange(part.Start & ~(PageSize.Bytes - 1), part.Last | (PageSize.Bytes - 1));
                if (last is { } before && before.Last + 1 == part.Start)
                {
                    last = before.Hull(part);
                    continue;
                }

                if (last is { } complete)
                    yield return complete;
                last = part;
            }
        }

        if (last is { } rest)
            yield return rest;
    }

    private List<LiveMapping> NotSeen()
    {
        const string changedFile = "its file was changed, or nobody can say: by write(2), truncation, or through a descriptor";
        var notSeen = new List<LiveMapping>();
        _files.BeginLook();
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(_watch.Mappings))
        {
            var live = LiveMapping.Of(in mapping);
            if (live.NotSeen is null && mapping.Mapping.IsFileBacked)
            {
                _files.Note(mapping.Mapping);
                bool mayHaveChanged = _files.MayHaveChanged(mapping.Mapping, CoreContents.IsArmed(mapping));
                live = live with { NotSeen = mayHaveChanged ? changedFile : null };
            }

            if (live.NotSeen is not null)
                notSeen.Add(live);
        }

        return notSeen;
    }
}
