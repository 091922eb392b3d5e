namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// A device that holds copies of a process's pages, or their hashes: a page table of its own, frames, and one interval notifier per
/// mapping. Its one lock is the driver lock of the engine's contract: the callbacks take it, and it is held around retry check and commit.
/// </summary>
internal sealed class CopyDevice(AddressSpace space, bool keepsBytes) : IDisposable
{
    private const int MaxWatchAttempts = 8;

    private readonly PageTable _table = new();
    private readonly PageCopies _copies = new(keepsBytes);

    /// <summary>Lock order: this lock → the engine's lock.</summary>
    internal DriverLock Lock { get; } = new("device");

    internal NotifierCounters Notifiers { get; } = new();

    internal AddressSpace Space { get; } = space;

    internal PageTable Table => _table;

    internal long ReservedBytes => _copies.Frames.ReservedBytes;

    /// <summary>The most pages that were held at one time.</summary>
    internal long PeakPages { get; private set; }

    /// <summary>Under <see cref="Lock"/>: forgets the copies of a range.</summary>
    internal long Forget(AddressRange range) =>
        _table.Clear(range.Start >> PageTable.PageShift, range.Last >> PageTable.PageShift, _copies.Frames);

    /// <summary>Under <see cref="Lock"/>: takes over a copy of a page that has none.</summary>
    internal void Commit(ulong page, ReadOnlySpan<byte> bytes)
    {
        _table.Set(page, _copies.Keep(bytes));
        PeakPages = Math.Max(PeakPages, _table.Count);
    }

    /// <summary>Under <see cref="Lock"/>: whether the copy in a frame is equal to a page.</summary>
    internal bool Matches(int frame, ReadOnlySpan<byte> page) => _copies.Matches(frame, page);

    /// <summary>
    /// The first device fault in a mapping, or in a part that it has grown by: makes its one notifier, or moves the one it has over all of
    /// it and removes those of mappings that it has absorbed, in one batch.
    /// </summary>
    /// <returns>
    /// False if the address space has exited or the mapping changes too fast; the fault is tried again in the next round.
    /// </returns>
    internal bool Watch(AddressRange mapping)
    {
        for (int attempt = 0; attempt < MaxWatchAttempts; attempt++)
        {
            NotifierBatch batch = CoveringBatch(mapping, out bool isNew);
            switch (Space.Apply(batch))
            {
                case EditResult.Applied:
                    Count(isNew, batch.Count);
                    return true;
                case EditResult.Exited:
                    return false;
                default:
                    continue; // An event cut one of them since it was found: look again.
            }
        }

        return false;
    }

    public void Dispose() => _copies.Dispose();

    private NotifierBatch CoveringBatch(AddressRange mapping, out bool isNew)
    {
        List<(IntervalNotifier Notifier, AddressRange Range)> present = [];
        AddressRange hull = mapping;
        foreach (FoundNotifier found in Space.Find(mapping))
        {
            present.Add((found.Notifier, found.Range));
            hull = hull.Hull(found.Range);
        }

        var batch = new NotifierBatch();
        isNew = present.Count == 0;
        if (isNew)
            return batch.Insert(new MappingNotifier(this), mapping);
        batch.Move(present[0].Notifier, present[0].Range, hull);
        foreach ((IntervalNotifier notifier, AddressRange range) in present[1..])
            batch.Remove(notifier, range);
        return batch;
    }

    private void Count(bool isNew, int edits)
    {
        using (Lock.Hold())
        {
            Notifiers.Inserted += isNew ? 1 : 0;
            Notifiers.Moved += isNew ? 0 : 1;
            Notifiers.Removed += edits - 1;
        }
    }
}
