using System.Diagnostics;
using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// The mirror of one program image: a watch that says what changes, and a device that holds the copies. Every step finds out what the
/// device should hold and does not, and faults that in; nothing is carried over from step to step but the copies themselves.
/// </summary>
internal sealed partial class ProcessMirror : IDisposable
{
    /// <summary>How often a running program is looked at for a userfaultfd of its own.</summary>
    private static readonly TimeSpan DescriptorInterval = TimeSpan.FromSeconds(1);

    private readonly CopyDevice _device;
    private readonly PageTableLook _look;
    private readonly LookLog? _log;
    private readonly int _programNumber;
    private readonly FileStamps _files;
    private readonly DirectBuffers _directBuffers;
    private List<AddressRange> _writtenByKernel = [];
    private bool _hasHiddenRing;
    private bool? _tracesChildren;
    private long _descriptorsSeen;
    private long _fetchedBeforeFreeze;

    internal ProcessMirror(
        WatchedProcess watch, string command, string foundBy, bool keepsBytes = false, LookLog? log = null, int programNumber = 0)
    {
        Watch = watch;
        Command = command;
        FoundBy = foundBy;
        _device = new CopyDevice(watch.Space, keepsBytes);
        (_log, _programNumber) = (log, programNumber);
        _look = new PageTableLook(watch, mapping => mapping.Coverage == Coverage.Armed)
        {
            FoundWritten = log is null ? null : log.NoteWritten,
        };
        watch.Noticed = log is null ? null : log.Note;
        _files = new FileStamps(() => watch.MemoryId);
        _directBuffers = new DirectBuffers(() => watch.MemoryThreadId);
        PrepareFreeze(); // Before anything is registered: the program may have a userfaultfd already.
    }

    internal WatchedProcess Watch { get; }

    /// <summary>
    /// Called between parts of a long step, where the step can be left by an exception: nothing is half-way there, and the next step finds
    /// what this one has not done.
    /// </summary>
    internal Action Checkpoint { get; init; } = () => { };

    internal string Command { get; }

    /// <summary>How the tool came by the process: launched, attached, forked, executed.</summary>
    internal string FoundBy { get; }

    /// <summary>Whether the program calls ptrace, as far as its file shows, or has been seen to trace a child.</summary>
    internal bool TracesChildren
    {
        get => _tracesChildren ??= ProgramFiles.CallsPtrace(Watch.MemoryThreadId);
        set => _tracesChildren = value;
    }

    internal NotifierCounters Notifiers => _device.Notifiers;

    internal long PeakPages => _device.PeakPages;

    internal long PagesHeld
    {
        get
        {
            using (_device.Lock.Hold())
                return _device.Table.Count;
        }
    }

    /// <summary>Bytes that are held for copies and to make them.</summary>
    internal long ReservedBytes => _device.ReservedBytes + _staging.Length;

    /// <summary>Pages copied, all in all.</summary>
    internal long PagesFetched { get; private set; }

    /// <summary>Read sections that had to be repeated.</summary>
    internal long ReadRetries { get; private set; }

    /// <summary>Pages that the last freeze has left uncopied because its limit was over; at most so many.</summary>
    internal long PagesLeft { get; private set; }

    /// <summary>So many pages are copied in a freeze, however long that takes: 64 MiB if nothing is said.</summary>
    internal long LeastPagesPerFreeze { get; init; } = 16_384;

    /// <summary>What is not mirrored, as of the last freeze.</summary>
    internal List<MemoryNote> NotMirrored { get; } = [];

    /// <summary>What is mirrored by reading it again, because it cannot be registered or scanned, as of the last freeze.</summary>
    internal List<MemoryNote> MirroredByReading { get; } = [];

    /// <summary>The first step of <see cref="CatchUp"/> on a frozen target (<see cref="PageTableLook.LookFrozen"/>).</summary>
    internal bool LookFrozen(MemorySharing sharing) => _look.LookFrozen(sharing);

    /// <summary>
    /// Brings the mirror up to date: finds new mappings, takes back what was written, and copies what is missing. While the target runs,
    /// it changes behind us; when it is frozen, what the mirror has is right when this returns, and it has everything if
    /// <see cref="PagesLeft"/> is 0.
    /// </summary>
    /// <param name="sharing">Which memory is shared with others.</param>
    /// <param name="isFrozen">Whether the target is frozen.</param>
    /// <param name="limit">When to end; in a freeze, when to copy no more.</param>
    /// <returns>False if the program image is gone, or its memory could not be looked at now.</returns>
    internal bool CatchUp(MemorySharing sharing, bool isFrozen, WorkLimit limit = default)
    {
        if (!isFrozen && Stopwatch.GetElapsedTime(_descriptorsSeen) > DescriptorInterval)
            PrepareFreeze();
        _log?.BeginLook();
        if (!_look.Look(sharing, isFrozen))
            return false;
        if (isFrozen)
        {
            NotMirrored.Clear();
            MirroredByReading.Clear();
            (PagesLeft, _fetchedBeforeFreeze) = (0, PagesFetched);
            GiveUpDirectBuffers();
            _files.BeginLook();
        }

        if (!_look.TakeBackWritten())
            return false;
        _log?.EndLook();
        return CatchUpWithMappings(isFrozen, limit);
    }

    /// <returns>Null if nobody asked for looks, or none was made since the last call.</returns>
    internal MirroredLook? TakeLook() => _log?.Take(Watch, _look, Command, _programNumber);

    /// <summary>What takes its time and need not be done while the target is stopped: a look at its descriptors.</summary>
    internal void PrepareFreeze()
    {
        _descriptorsSeen = Stopwatch.GetTimestamp();
        _directBuffers.LookAtDescriptors();
        if (_directBuffers.HasUserfaultfd)
            Watch.LeaveMemory();
    }

    /// <summary>Frees the copies and what is needed to make them; the counters and notes stay. The watch must have been released.</summary>
    public void Dispose()
    {
        _device.Dispose();
        _staging = [];
    }

    private void GiveUpDirectBuffers()
    {
        _hasHiddenRing = _directBuffers.HasHiddenRing(Watch.Mappings.Select(mapping => mapping.Mapping));
        _writtenByKernel = _directBuffers.Read();
        foreach (AddressRange buffer in _writtenByKernel)
        {
            using (_device.Lock.Hold())
                _device.Forget(buffer);
            long pages = (long)((buffer.Last - buffer.Start + 1) >> PageTable.PageShift);
            NotMirrored.Add(new MemoryNote(buffer, "", "a registered buffer of an io_uring, which the kernel writes at any time", pages));
        }
    }

    private bool CatchUpWithMappings(bool isFrozen, WorkLimit limit)
    {
        int next = 0;
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(Watch.Mappings))
        {
            if (!isFrozen && limit.IsOver)
                return true;
            ReadOnlySpan<PageRegion> regions = _look.RegionsIn(mapping.Range, ref next);
            if (mapping.Coverage == Coverage.Excluded)
                Exclude(in mapping, regions, isFrozen);
            else if (!CatchUpWith(in mapping, regions, isFrozen, limit))
                return false;
        }

        return true;
    }

    private bool CatchUpWith(in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions, bool isFrozen, WorkLimit limit)
    {
        if (mapping.Coverage == Coverage.ReadWhenFrozen && !isFrozen)
            return true;
        if (!isFrozen && mapping.Mapping.IsFileBacked)
            _files.Note(mapping.Mapping);
        if (isFrozen && MustReadAgain(in mapping))
        {
            Watch.Counters.Polled++;
            Watch.Space.Invalidate(mapping.Range, InvalidationEvent.Clear);
        }

        return FaultInMissing(in mapping, regions, isFrozen, limit);
    }

    private bool MustReadAgain(in WatchedMapping mapping)
    {
        ProcessMapping memory = mapping.Mapping;
        if (mapping.Coverage == Coverage.Armed)
            return memory.IsFileBacked && _files.MayHaveChanged(in memory, showsWrites: true);
        // Where the program itself can write, its writes show nowhere: not in the times of a file that it has mapped privately, either.
        bool tellsByFile = memory.IsFileBacked && !mapping.IsMappedTwice && (memory.Protection & MappingProtection.Write) == 0;
        return !tellsByFile || _files.MayHaveChanged(in memory, showsWrites: false);
    }

    private void Exclude(in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions, bool isFrozen)
    {
        if (_device.Table.CountIn(mapping.Range.Start >> PageTable.PageShift, mapping.Range.Last >> PageTable.PageShift) > 0)
        {
            using (_device.Lock.Hold())
                _device.Forget(mapping.Range);
        }

        if (!isFrozen)
            return;
        long pages = CountPages(regions, mapping.Range);
        if (pages > 0 || mapping.Mapping.Kind is MappingKind.Vvar or MappingKind.Device or MappingKind.Secret)
            NotMirrored.Add(MemoryNote.Of(in mapping, pages));
    }

    private static long CountPages(ReadOnlySpan<PageRegion> regions, AddressRange range)
    {
        long pages = 0;
        foreach (ref readonly PageRegion region in regions)
            pages += PageTableLook.PagesIn(PageTableLook.Clip(in region, range));
        return pages;
    }
}
