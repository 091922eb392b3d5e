using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>
/// Copying a process that writes faster than it is copied while it runs. It is stopped for most of the time, again and again, each time not
/// for long. A part is armed and copied in the same stop, so that only what is written between the stops has to be copied again.
/// </content>
internal sealed unsafe partial class CoreImage
{
    private static readonly TimeSpan DiskLookInterval = TimeSpan.FromMilliseconds(1);

    private readonly List<PlannedRange> _parts = [];
    private int _nextPart;

    /// <summary>
    /// What the other thread writes to the file while more is copied. If it fails, the pages are still there. Until it is done, the file
    /// and <see cref="_inFile"/> are that thread's, and nobody changes <see cref="_placement"/>.
    /// </summary>
    private StagedPages _beingWritten = new();
    private Task _writing = Task.CompletedTask;

    /// <summary>How many parts of the pass have not been looked at yet.</summary>
    internal int PartsLeft => _parts.Count - _nextPart;

    /// <summary>Begins a pass over all pages whose changes are found by arming them. The process runs.</summary>
    /// <returns>False if the program image is gone, or its memory could not be looked at now.</returns>
    internal bool BeginPass(MemorySharing sharing)
    {
        _parts.Clear();
        _nextPart = 0;
        PrepareFrozen();
        _beingWritten.Prepare(StagedBytes);
        if (!_look.Look(sharing, isFrozen: false))
            return false;
        IndexSharedMappings(sharing);
        _look.TakeBackVanished();
        _shared.Pass(this);
        int next = 0;
        for (int i = 0; i < Watch.Mappings.Count; i++)
        {
            WatchedMapping mapping = Watch.Mappings[i];
            ReadOnlySpan<PageRegion> regions = _look.RegionsIn(mapping.Range, ref next);
            if (!IsArmed(mapping) || CoreContents.Of(in mapping, regions.Length > 0) == CoreContent.None)
                continue;
            Place(in mapping, regions);
            foreach (ref readonly PageRegion region in regions)
                AddParts(i, PageTableLook.Clip(in region, mapping.Range));
        }

        return true;
    }

    /// <summary>
    /// Copies parts while the process is stopped. If the disk does not keep up, this waits for it, and the process with it.
    /// </summary>
    /// <param name="hasTime">Whether the stop may last longer.</param>
    /// <returns>False if the program image is gone.</returns>
    /// <exception cref="CoreException">The file cannot be written.</exception>
    internal bool CopyParts(Func<bool> hasTime)
    {
        while (PartsLeft > 0 && hasTime())
        {
            if (!_staged.HasRoom(PagesPerBatch * BytesPerPage) && !TryBeginWriting())
                continue;
            PlannedRange part = _parts[_nextPart++];
            if (!CopyPart(in part))
                return false;
        }

        return true;
    }

    /// <summary>Excluded memory is left to the rounds, as what was written in it is not in the core.</summary>
    private void AddParts(int index, AddressRange pages)
    {
        bool isReadable = (Watch.Mappings[index].Mapping.Protection & MappingProtection.Read) != 0;
        PageSource source = isReadable ? PageSource.Memory : PageSource.ProtectedMemory;
        for (ulong start = pages.Start; start <= pages.Last;)
        {
            ulong length = Math.Min(pages.Last - start + 1, PagesPerBatch * PageSize.Bytes);
            AddressRange part = AddressRange.FromLength(start, length);
            if (!_excluded.All.Overlaps(part))
                _parts.Add(new PlannedRange(part, source, index));
            start += length;
        }
    }

    /// <summary>The other thread gets what was copied as soon as it has written what it had.</summary>
    private bool TryBeginWriting()
    {
        if (!_writing.IsCompleted)
        {
            Thread.Sleep(DiskLookInterval);
            return false;
        }

        _writing.GetAwaiter().GetResult();
        (_staged, _beingWritten) = (_beingWritten, _staged);
        StagedPages full = _beingWritten;
        _writing = Task.Run(() => full.Take(Write));
        return true;
    }

    /// <summary>Whether or not it succeeds.</summary>
    private void WaitForWriting() => ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();

    private bool CopyPart(in PlannedRange part)
    {
        if (!_look.TakeBackWritten(part.Range))
            return false;
        _shared.Pass(this);
        if (!Watch.Fence.TryObserve(out long fence))
            return true;
        ReadSection section = _notifier.ReadBeginNoWait(part.Range);
        if (section.Status is ReadStatus.Exited or ReadStatus.Failed)
            return false;
        if (section.Status != ReadStatus.Open)
            return true;
        List<AddressRange> missing;
        using (_lock.Hold())
            missing = _held.FindAll(part.Range, false);
        foreach (AddressRange run in missing)
        {
            if (!Read(in part, run, _buffer))
                return false;
            _staged.TryAdd(run, _buffer.AsSpan(0, (int)run.Length));
            PagesCopied += PageTableLook.PagesIn(run);
            using (_lock.Hold())
            {
                if (!section.MustRetry && Watch.Fence.IsUnchangedSince(fence))
                    Commit(run);
            }
        }

        return true;
    }
}
