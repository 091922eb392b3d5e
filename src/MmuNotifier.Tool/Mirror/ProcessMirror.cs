using System.Runtime.InteropServices;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Watching;

namespace MmuNotifier.Tool.Mirror;

/// <summary>
/// The mirror of one program image: a watch that says what changes, and a device that holds the copies. Every step finds out what the
/// device should hold and does not, and faults that in; nothing is carried over from step to step but the copies themselves.
/// </summary>
internal sealed partial class ProcessMirror : IDisposable
{
    private readonly MirrorDevice _device;
    private readonly FileStamps _files;
    private readonly DirectBuffers _directBuffers;
    private List<AddressRange> _writtenByKernel = [];
    private readonly List<PageRegion> _written = [];
    private readonly List<PageRegion> _present = [];

    internal ProcessMirror(WatchedProcess watch, string command, string foundBy)
    {
        Watch = watch;
        Command = command;
        FoundBy = foundBy;
        _device = new MirrorDevice(watch.AddressSpace);
        _files = new FileStamps(() => watch.MemoryThreadId);
        _directBuffers = new DirectBuffers(() => watch.MemoryThreadId);
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

    /// <summary>Pages copied, all in all.</summary>
    internal long PagesFetched { get; private set; }

    /// <summary>Read sections that had to be repeated.</summary>
    internal long ReadRetries { get; private set; }

    /// <summary>What is not mirrored, as of the last freeze.</summary>
    internal List<MemoryNote> NotMirrored { get; } = [];

    /// <summary>What is mirrored by reading it again, because it cannot be registered or scanned, as of the last freeze.</summary>
    internal List<MemoryNote> MirroredByReading { get; } = [];

    /// <summary>
    /// Brings the mirror up to date: finds new mappings, takes back what was written, and copies what is missing. While the target runs,
    /// it changes behind us; when it is frozen, the mirror is right when this returns.
    /// </summary>
    /// <returns>False if the program image is gone, or its memory could not be looked at now.</returns>
    internal bool CatchUp(MemorySharing sharing, bool isFrozen)
    {
        if (!Watch.Refresh(sharing))
            return false;
        if (isFrozen)
        {
            NotMirrored.Clear();
            MirroredByReading.Clear();
            GiveUpDirectBuffers();
            _files.BeginLook();
        }

        foreach (WatchedMapping mapping in Watch.Mappings)
        {
            if (!CatchUpWith(in mapping, isFrozen))
                return false;
        }

        return true;
    }

    /// <summary>What takes its time and need not be done while the target is stopped.</summary>
    internal void PrepareFreeze() => _directBuffers.FindRings();

    public void Dispose() => _device.Dispose();

    private void GiveUpDirectBuffers()
    {
        _writtenByKernel = _directBuffers.Read();
        foreach (AddressRange buffer in _writtenByKernel)
        {
            using (_device.Lock.Hold())
                _device.Drop(buffer);
            long pages = (long)((buffer.Last - buffer.Start + 1) >> PageTable.PageShift);
            NotMirrored.Add(new MemoryNote(buffer, "", "a registered buffer of an io_uring, which the kernel writes at any time", pages));
        }
    }

    private bool CatchUpWith(in WatchedMapping mapping, bool isFrozen)
    {
        if (mapping.Coverage == Coverage.Excluded)
            return Exclude(in mapping, isFrozen);
        if (mapping.Coverage == Coverage.Armed && !TakeBackWritten(in mapping))
            return false;
        if (!isFrozen && mapping.Mapping.IsFileBacked)
            _files.Note(mapping.Mapping);
        if (isFrozen && MustReadAgain(in mapping))
        {
            Watch.Counters.Polled++;
            Watch.AddressSpace.ReportInvalidation(mapping.Range, InvalidationEvent.Clear).Dispose();
        }

        return FaultInMissing(in mapping, isFrozen);
    }

    /// <summary>What was written since it was armed is invalidated; it is armed again in the same step, before it is copied again.</summary>
    private bool TakeBackWritten(in WatchedMapping mapping)
    {
        _written.Clear();
        PageMapStatus status = Watch.PageMap.ScanWritten(mapping.Range.Start, mapping.Range.Last, arm: true, _written);
        if (status == PageMapStatus.ProcessGone)
            return false;
        if (status != PageMapStatus.Complete)
        {
            // The mapping is not what it was when it was registered. What was armed on the way is not known: take all of it as written.
            Watch.AddressSpace.ReportInvalidation(mapping.Range, InvalidationEvent.Clear).Dispose();
            return true;
        }

        foreach (ref readonly PageRegion region in CollectionsMarshal.AsSpan(_written))
        {
            Watch.Counters.WrittenRanges++;
            Watch.Counters.WrittenPages += (long)((region.End - region.Start) >> PageTable.PageShift);
            Watch.AddressSpace.ReportInvalidation(new AddressRange(region.Start, region.Last), InvalidationEvent.Clear).Dispose();
        }

        return true;
    }

    private bool MustReadAgain(in WatchedMapping mapping)
    {
        ProcessMapping memory = mapping.Mapping;
        if (mapping.Coverage == Coverage.Armed)
            return memory.IsFileBacked && _files.MayHaveChanged(in memory);
        // Where the program itself can write, its writes show nowhere: not in the times of a file that it has mapped privately, either.
        bool tellsByFile = memory.IsFileBacked && !mapping.IsMappedTwice && (memory.Protection & MappingProtection.Write) == 0;
        return !tellsByFile || _files.MayHaveChanged(in memory);
    }

    private bool Exclude(in WatchedMapping mapping, bool isFrozen)
    {
        using (_device.Lock.Hold())
            _device.Drop(mapping.Range);
        if (!isFrozen)
            return true;
        _present.Clear();
        if (Watch.PageMap.ScanPresent(mapping.Range.Start, mapping.Range.Last, _present) != PageMapStatus.Complete)
            return false;
        long pages = CountPages(_present);
        if (pages > 0 || mapping.Mapping.Kind is MappingKind.Vvar or MappingKind.Device or MappingKind.Secret)
            NotMirrored.Add(MemoryNote.Of(in mapping, pages));
        return true;
    }

    private static long CountPages(List<PageRegion> regions)
    {
        ulong bytes = 0;
        foreach (ref readonly PageRegion region in CollectionsMarshal.AsSpan(regions))
            bytes += region.End - region.Start;
        return (long)(bytes >> PageTable.PageShift);
    }
}
