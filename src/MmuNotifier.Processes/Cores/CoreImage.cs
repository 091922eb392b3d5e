using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The pages of one process in its core file. Each step finds out which pages the file should have and has not, and copies them: in rounds
/// while the process runs, and what is left while it is stopped. Only page numbers are kept in memory.
/// </summary>
/// <remarks>
/// A page is <em>held</em> if its copy in the file is right unless the page is reported as written. What happens to the memory comes as an
/// invalidation, and the notifier's callback, on any thread, forgets what it meets; so <see cref="_held"/> has a lock, which is held
/// around the check of a read section and the commit. Everything else is the owner's, but for what a pass in stops is writing.
/// </remarks>
internal sealed unsafe partial class CoreImage : IDisposable
{
    private readonly CoreFile _file;
    private readonly bool _includesExcluded;
    private readonly CorePlacement _placement = new();
    private readonly PageBits _held = new();

    /// <summary>Pages that the file has something at, right or not: all others are holes.</summary>
    private readonly PageBits _inFile = new();
    private readonly PageTableLook _look;
    private readonly FileStamps _files;
    private readonly IntervalNotifier _notifier;
    private readonly DriverLock _lock = new("core");
    private readonly List<AddressRange> _stale = [];
    private readonly byte[] _zeros = new byte[PageSize.Bytes * 16];

    /// <param name="watch">The process.</param>
    /// <param name="file">Gets its memory.</param>
    /// <param name="includesExcluded">Whether memory that the program has excluded is copied as well.</param>
    /// <param name="shared">What the images of the set tell each other.</param>
    /// <exception cref="CoreException">The process has ended.</exception>
    internal CoreImage(WatchedProcess watch, CoreFile file, bool includesExcluded, SharedMemoryWrites shared)
    {
        Watch = watch;
        _file = file;
        _includesExcluded = includesExcluded;
        _readsExcluded = !includesExcluded;
        _shared = shared;
        _look = new PageTableLook(watch, IsArmed);
        _files = new FileStamps(() => watch.MemoryId);
        try
        {
            _notifier = watch.Space.Insert(AddressRange.Whole, Forget);
        }
        catch (AddressSpaceExitedException)
        {
            throw new CoreException($"Process {watch.ProcessId} has ended.");
        }
    }

    internal WatchedProcess Watch { get; }

    /// <summary>Pages copied since the core was begun.</summary>
    internal long PagesCopied { get; private set; }

    /// <summary>Pages that exist and could not be read, as of the last step.</summary>
    internal long PagesUnreadable { get; private set; }

    /// <summary>Pages that the last stop had to copy because nothing shows when they are written.</summary>
    internal long PagesUntracked { get; private set; }

    /// <summary>
    /// Begins a core. What the file holds from the one before stays there; its notes and program headers go, because pages may get the
    /// places that they have.
    /// </summary>
    /// <exception cref="CoreException">The file cannot be written.</exception>
    internal void Begin()
    {
        WaitForWriting(); // Of a core that was given up.
        PrepareFrozen();
        PagesCopied = 0;
        _readsExcluded = !_includesExcluded;
        _file.SetLength(_placement.EndOffset);
    }

    /// <summary>Copies what is missing while the process runs; it changes behind us.</summary>
    /// <param name="sharing">Which shared memory others can write.</param>
    /// <param name="checkpoint">Called between parts; may throw to give up.</param>
    /// <returns>False if the program image is gone, or its memory could not be looked at now.</returns>
    internal bool CopyRunning(MemorySharing sharing, Action checkpoint)
    {
        if (!ReadExcluded() || !_look.Look(sharing, isFrozen: false))
            return false;
        IndexSharedMappings(sharing);
        if (!_look.TakeBackWritten())
            return false;
        _shared.Pass(this);
        PagesUnreadable = 0;
        Plan(isFrozen: false);
        foreach (PlannedRange planned in _plan)
        {
            if (!CopyRunning(in planned, checkpoint))
                return false;
        }

        return true;
    }

    /// <summary>
    /// The first step to a copy of a stopped process; <see cref="TakeBackFrozen"/> and <see cref="PlanFrozen"/> follow. Of several
    /// processes all make one before any makes the next.
    /// </summary>
    internal bool LookFrozen(MemorySharing sharing) => _look.LookFrozen(sharing);

    /// <summary>Finds out what was written.</summary>
    /// <param name="sharing">Which shared memory others can write.</param>
    /// <returns>False if the program image is gone, or its memory could not be looked at.</returns>
    internal bool TakeBackFrozen(MemorySharing sharing)
    {
        _files.BeginLook();
        return _look.Look(sharing, isFrozen: true) && _look.TakeBackWritten(arms: false);
    }

    /// <summary>Finds out what is left to copy.</summary>
    /// <returns>How many pages that is.</returns>
    internal long PlanFrozen()
    {
        long pages = 0;
        Plan(isFrozen: true);
        foreach (PlannedRange planned in _plan)
            pages += PageTableLook.PagesIn(planned.Range);
        return pages;
    }

    /// <summary>
    /// What the core consists of, as of the last look: the process may run again. Makes holes of pages that are in the file and exist no
    /// more.
    /// </summary>
    internal List<CoreSegment> MakeSegments(out long endOffset)
    {
        var segments = new List<CoreSegment>();
        int next = 0;
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(Watch.Mappings))
        {
            bool hasPages = _look.RegionsIn(mapping.Range, ref next).Length > 0;
            bool hasContent = !_excluded.All.Covers(mapping.Range) && CoreContents.Of(in mapping, hasPages) != CoreContent.None;
            bool isOfModule = mapping.Mapping.IsFileBacked || mapping.Mapping.IsKernelOwned;
            string module = isOfModule ? mapping.Mapping.Name : "";
            for (ulong start = mapping.Range.Start; start <= mapping.Range.Last;)
            {
                CorePlace place = new(start, mapping.Range.Last, 0);
                bool isPlaced = hasContent && _placement.TryFind(start, mapping.Range.Last, out place);
                Append(segments, new CoreSegment(place, mapping.Mapping.Protection, isPlaced, module));
                start = place.Last + 1;
            }
        }

        _stale.ForEach(ClearInFile);
        _stale.Clear();
        endOffset = _placement.EndOffset;
        return segments;
    }

    /// <summary>The mappings as of the last look.</summary>
    internal IReadOnlyList<ProcessMapping> Mappings => Watch.Mappings.ConvertAll(mapping => mapping.Mapping);

    public void Dispose()
    {
        _notifier.Remove();
        WaitForWriting();
        CloseFile();
        _memory?.Dispose();
        _file.Dispose();
    }

    private static void Append(List<CoreSegment> segments, CoreSegment segment)
    {
        if (segments.Count > 0 && segments[^1].IsContinuedBy(in segment))
        {
            CoreSegment before = segments[^1];
            segments[^1] = before with
            {
                Place = before.Place with { Last = segment.Place.Last },
                Protection = before.Protection | segment.Protection,
            };
            return;
        }

        segments.Add(segment);
    }

    /// <summary>Called on any thread, for every change.</summary>
    private InvalidateResult Forget(in Invalidation invalidation)
    {
        // The pages keep their content, and the file is not written through them.
        if (invalidation.Event is InvalidationEvent.ProtectionPage or InvalidationEvent.SoftDirty or InvalidationEvent.ProtectionVma)
            return InvalidateResult.Done;
        using (_lock.Hold())
        {
            _held.Clear(invalidation.Overlap);
            NoteSharedWrites(invalidation.Overlap);
        }

        return InvalidateResult.Done;
    }

    private void Forget(AddressRange range)
    {
        using (_lock.Hold())
            _held.Clear(range);
    }

    /// <summary>
    /// After <see cref="CopyFrozen"/>, while nothing runs: notes the pages of the file that the process no longer has. They become holes,
    /// which read as zeros. Later invalidations do not concern this core.
    /// </summary>
    internal void FindStale()
    {
        _stale.Clear();
        using DriverLock.Scope scope = _lock.Hold();
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(Watch.Mappings))
        {
            AddressRange rest = mapping.Range;
            while (_inFile.TryFind(rest, true, out AddressRange run))
            {
                FindStaleIn(run.Intersect(rest));
                if (run.Last >= rest.Last)
                    break;
                rest = new AddressRange(run.Last + 1, rest.Last);
            }
        }
    }

    private void FindStaleIn(AddressRange rest)
    {
        while (_held.TryFind(rest, false, out AddressRange run))
        {
            run = run.Intersect(rest);
            _stale.Add(run);
            if (run.Last >= rest.Last)
                return;
            rest = new AddressRange(run.Last + 1, rest.Last);
        }
    }

    private void ClearInFile(AddressRange stale)
    {
        for (ulong start = stale.Start; start <= stale.Last;)
        {
            CorePlace place = _placement.Find(start, stale.Last);
            _file.Clear(place.Offset, (long)place.Length, _zeros);
            start = place.Last + 1;
        }

        _inFile.Clear(stale);
    }
}
