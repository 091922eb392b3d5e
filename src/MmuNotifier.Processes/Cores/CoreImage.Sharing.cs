using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>Memory that is mapped more than once: see <see cref="SharedMemoryWrites"/>.</content>
internal sealed unsafe partial class CoreImage
{
    private readonly SharedMemoryWrites _shared;

    // Guarded by the lock: the callback of the notifier uses them. All shared mappings, by rising addresses, as of the last look; a list is
    // never changed. A mapping that has gone is invalidated before the next list is made.
    private List<SharedMapping> _sharedMappings = [];
    private Dictionary<FileIdentity, PageBits> _sharedWrites = [];
    private bool _notesSharedWrites;

    /// <summary>From now on changes are noted for the other images, or not.</summary>
    internal void NoteSharedWrites(bool isOn, MemorySharing sharing)
    {
        IndexSharedMappings(sharing);
        using (_lock.Hold())
            _notesSharedWrites = isOn;
    }

    /// <summary>The memory that it shares, or could share with others.</summary>
    internal HashSet<FileIdentity> SharedFiles() => [.. SharedMappings().Select(mapping => mapping.File)];

    /// <summary>What was changed through the mappings of this process since the last call, by offsets.</summary>
    internal Dictionary<FileIdentity, PageBits> TakeSharedWrites()
    {
        using (_lock.Hold())
        {
            Dictionary<FileIdentity, PageBits> writes = _sharedWrites;
            if (writes.Count > 0)
                _sharedWrites = [];
            return writes;
        }
    }

    /// <summary>Copies of such memory that were written over are not right any more.</summary>
    /// <param name="file">Which memory.</param>
    /// <param name="written">Which of its pages, by offsets; null for all.</param>
    internal void ForgetShared(FileIdentity file, PageBits? written)
    {
        foreach (SharedMapping mapping in SharedMappings())
        {
            if (mapping.File != file)
                continue;
            if (written is null)
                Forget(mapping.Range);
            else
                written.FindAll(mapping.Offsets).ForEach(run => Forget(mapping.ToAddresses(run)));
        }
    }

    private List<SharedMapping> SharedMappings()
    {
        using (_lock.Hold())
            return _sharedMappings;
    }

    /// <summary>Whenever the mappings were read, or the sharing has become known; before the question what was written.</summary>
    private void IndexSharedMappings(MemorySharing sharing)
    {
        var found = new List<SharedMapping>();
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(Watch.Mappings))
        {
            if (mapping.Mapping is { Shared: true, IsFileBacked: true })
                found.Add(SharedMapping.Of(in mapping, sharing));
        }

        using (_lock.Hold())
            _sharedMappings = found;
    }

    private void NoteSharedWrites(AddressRange changed)
    {
        _lock.AssertHeld();
        if (!_notesSharedWrites)
            return;
        ReadOnlySpan<SharedMapping> mappings = CollectionsMarshal.AsSpan(_sharedMappings);
        for (int i = AddressOrder.FirstFrom(mappings, changed.Start, static mapping => mapping.Range.Last); i < mappings.Length; i++)
        {
            SharedMapping mapping = mappings[i];
            if (!mapping.Range.TryIntersect(changed, out AddressRange part))
                return;
            if (!mapping.IsWrittenForOthers)
                continue;
            if (!_sharedWrites.TryGetValue(mapping.File, out PageBits? written))
                _sharedWrites[mapping.File] = written = new PageBits();
            written.Set(mapping.ToOffsets(part));
        }
    }

    private bool IsTrackedShared(in WatchedMapping mapping) => mapping is { IsMappedTwice: true, Coverage: Coverage.Polled }
        && _shared.IsTracked(FileIdentity.Of(mapping.Mapping));

    /// <summary>Whether writes of this process to the mapping are found by arming it.</summary>
    private bool IsArmed(WatchedMapping mapping) => CoreContents.IsArmed(mapping)
        || (mapping.Registration == UserfaultfdStatus.Done && IsTrackedShared(in mapping));

    private bool IsCopiedWhenFrozen(in WatchedMapping mapping) =>
        CoreContents.IsCopiedWhenFrozen(in mapping) && !IsTrackedShared(in mapping);
}
