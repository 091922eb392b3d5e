namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// Few large notifiers, each with a tree of ranges, as xe has them (drm_gpusvm). The notifiers are aligned pieces of 512 MiB of the address
/// space, whatever is mapped there, so Unmap edits no notifier: it hands ranges to a garbage collector. See docs/drivers/large-notifier.md.
/// </summary>
/// <remarks>
/// The driver lock is drm_gpusvm's <c>notifier_lock</c>, there a read-write semaphore that faults take for reading and callbacks for
/// writing; a plain lock is right as well and lets only one fault commit at a time. The callback marks and forgets at once; the collector,
/// at the next device fault, only takes away what nobody uses any more. A commit checks that its range still is in the tree: the
/// callback finds what it must forget by the tree.
/// </remarks>
public sealed class LargeNotifierDriver : ReferenceDriver
{
    private const ulong NotifierBytes = 512UL << 20;
    private const ulong RangeBytes = 16 * MirroredMemory.PageBytes;

    private readonly DeviceTable _table = new();
    private readonly Dictionary<ulong, LargeNotifier> _notifiers = [];
    private readonly List<(LargeNotifier Notifier, DeviceRange Range)> _garbage = [];

    /// <summary>Attaches to an address space; nothing is watched before the first fault.</summary>
    /// <param name="memory">The address space.</param>
    public LargeNotifierDriver(MirroredMemory memory)
        : base(memory, "gpusvm notifier lock")
    {
    }

    /// <inheritdoc/>
    public override string Name => "large";

    /// <summary>How many notifiers there are now.</summary>
    public int NotifierCount
    {
        get
        {
            using (Lock.Hold())
                return _notifiers.Count;
        }
    }

    /// <summary>How many unmapped ranges wait for the garbage collector.</summary>
    public int GarbageCount
    {
        get
        {
            using (Lock.Hold())
                return _garbage.Count;
        }
    }

    /// <summary>The callback's work.</summary>
    internal void Invalidate(LargeNotifier notifier, in Invalidation invalidation)
    {
        bool isUnmap = invalidation.Event == InvalidationEvent.Unmap;
        using (Lock.Hold())
        {
            foreach (DeviceRange range in notifier.Ranges.Values)
            {
                if (!range.Range.Overlaps(invalidation.Overlap))
                    continue;
                if (!isUnmap)
                {
                    _table.Forget(range.Range.Intersect(invalidation.Overlap));
                    continue;
                }

                // All of the range, not the overlap: it leaves the tree, and with it goes the way to its other entries.
                _table.Forget(range.Range);
                if (range.IsUnmapped)
                    continue;
                range.IsUnmapped = true;
                _garbage.Add((notifier, range));
            }
        }
    }

    private protected override DeviceTable FindTable(ulong page) => _table;

    private protected override Errno Fault(in DeviceAccess access)
    {
        CollectGarbage();
        if (!Memory.TryFindMapping(access.Page, out Mapping mapping) || !mapping.Range.Contains(access.Page))
            return Errno.BadAddress;
        LargeNotifier? notifier;
        DeviceRange range;
        using (Lock.Hold())
        {
            notifier = FindOrMakeNotifier(access.Page);
            if (notifier is null)
                return Errno.NoProcess;
            range = FindOrMakeRange(notifier, access.Page, mapping.Range);
        }

        return FaultInRange(notifier, range, access);
    }

    private protected override void Detach()
    {
        LargeNotifier[] notifiers;
        using (Lock.Hold())
            notifiers = [.. _notifiers.Values];
        foreach (LargeNotifier notifier in notifiers)
            notifier.Remove();
        using (Lock.Hold())
        {
            _notifiers.Clear();
            _garbage.Clear();
            _table.Clear();
        }
    }

    private Errno FaultInRange(LargeNotifier notifier, DeviceRange range, in DeviceAccess access)
    {
        // All pages of the range that are there, and the one that the device touches, faulted.
        var entries = new HmmEntry[(int)(((range.Range.Last - range.Range.Start) / MirroredMemory.PageBytes) + 1)];
        HmmRequest request = access.IsWrite ? HmmRequest.Fault | HmmRequest.Write : HmmRequest.Fault;
        entries[(int)((access.Page - range.Range.Start) / MirroredMemory.PageBytes)] = new HmmEntry((ulong)request);
        Errno error = HmmRange.FaultUnlocked(
            Memory, notifier, range.Range, entries, HmmRequest.None, out ReadSection section,
            requestMask: HmmRequest.Fault | HmmRequest.Write);
        if (error != Errno.None)
            return error == Errno.Busy ? Errno.Again : error;
        using (Lock.Hold())
        {
            if (section.MustRetry)
                return Errno.Again;
            if (range.IsUnmapped)
                return Errno.Again;
            Commit(range, entries);
        }

        return Errno.None;
    }

    private void Commit(DeviceRange range, HmmEntry[] entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].IsValid)
                _table.Set(range.Range.Start + ((ulong)i * MirroredMemory.PageBytes), entries[i]);
        }
    }

    // Their entries are gone already, and none comes: a commit checks IsUnmapped. A notifier without ranges goes too; a thread that holds
    // it for a fault finds that it was removed, and begins again.
    private void CollectGarbage()
    {
        using (Lock.Hold())
        {
            foreach ((LargeNotifier notifier, DeviceRange range) in _garbage)
            {
                notifier.Ranges.Remove(range.Range.Start);
                if (notifier.Ranges.Count > 0 || !notifier.RemoveDeferred())
                    continue;
                _notifiers.Remove(range.Range.Start / NotifierBytes);
            }

            _garbage.Clear();
        }
    }

    private LargeNotifier? FindOrMakeNotifier(ulong page)
    {
        if (_notifiers.TryGetValue(page / NotifierBytes, out LargeNotifier? notifier))
            return notifier;
        notifier = new LargeNotifier(this);
        if (!Memory.Space.TryInsert(notifier, AddressRange.FromLength(page - (page % NotifierBytes), NotifierBytes)))
            return null;
        _notifiers.Add(page / NotifierBytes, notifier);
        return notifier;
    }

    // Within the mapping, and between the ranges that are there.
    private static DeviceRange FindOrMakeRange(LargeNotifier notifier, ulong page, AddressRange mapping)
    {
        AddressRange bounds = AddressRange.FromLength(page - (page % RangeBytes), RangeBytes).Intersect(mapping);
        ulong start = bounds.Start;
        ulong last = bounds.Last;
        foreach (DeviceRange other in notifier.Ranges.Values)
        {
            if (other.Range.Contains(page))
                return other;
            if (other.Range.Last < page)
                start = Math.Max(start, other.Range.Last + 1);
            else
                last = Math.Min(last, other.Range.Start - 1);
        }

        var made = new DeviceRange(new AddressRange(start, last));
        notifier.Ranges.Add(start, made);
        return made;
    }
}
