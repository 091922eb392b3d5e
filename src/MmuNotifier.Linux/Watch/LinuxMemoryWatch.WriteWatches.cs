using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier.Linux;

/// <content>Which pages were written: looks at protected pages that do not hide a write from each other.</content>
public sealed partial class LinuxMemoryWatch
{
    /// <summary>
    /// Watches a range as <see cref="TryWatch"/> does, and begins to note which of its pages are written
    /// (<c>GetWriteWatch</c> of Windows).
    /// </summary>
    /// <param name="range">What is to be watched, bounds inclusive; the pages that it touches, as wholes.</param>
    /// <param name="writes">To be asked for written pages, and to be disposed; null if the range cannot be watched.</param>
    /// <returns>False if the range cannot be watched: <see cref="Failure"/> says why, or one of its mappings is refused.</returns>
    /// <remarks>
    /// Not under a lock that a callback of <see cref="Space"/> takes. The first write to each page after each look costs its writer a page
    /// fault: about 1 µs, on a virtual machine 10 µs and more.
    /// </remarks>
    /// <exception cref="AddressSpaceExitedException"><see cref="Space"/> has exited.</exception>
    public bool TryWatchWrites(AddressRange range, [NotNullWhen(true)] out WriteWatch? writes)
    {
        AddressRange pages = PagesOf(range);
        writes = null;
        if (!TryWatch(pages))
            return false;
        try
        {
            writes = new WriteWatch(this, pages);
        }
        finally
        {
            if (writes is null)
                Unwatch(pages);
        }

        lock (_lock)
            _writeWatches.Add(writes);
        writes.TakeWritten([]);
        return true;
    }

    internal void EndWriteWatch(WriteWatch writes)
    {
        lock (_lock)
            _writeWatches.Remove(writes);
        Unwatch(writes.Range);
    }

    /// <summary>Notes what was written since the last look, and protects it again in the same step.</summary>
    /// <remarks>
    /// The scan reports a page and protects it under the lock of its page table: a write is before it, and reported, or after it, and left
    /// for the next look. Other write watches on these pages would not see such a write any more, so all of them are notified. What is not
    /// registered has replaced memory that was, and is not protected: all of it counts as written, until it can be registered.
    /// </remarks>
    internal void CollectWritten(WriteWatch writes)
    {
        lock (_lock)
        {
            AddressRange pages = writes.Range;
            if (_isDisposed || Failure is not null)
            {
                writes.Note(pages);
                return;
            }

            QueriedMapping? previous = null;
            while (_mappings!.TryNext(pages, previous, out QueriedMapping mapping))
            {
                previous = mapping;
                AddressRange part = new AddressRange(mapping.Start, mapping.Last).Intersect(pages);
                if (IsRegistered(mapping, part))
                    continue;
                writes.Note(part);
                _reader!.Userfaultfd.Register(mapping.Start, mapping.Last);
            }

            TryArmWritten(pages);
        }
    }

    /// <returns>False if the kernel did not look at all pages: then all count as written.</returns>
    private bool TryArmWritten(AddressRange pages)
    {
        _lock.AssertHeld();
        _regions.Clear();
        bool isComplete = _pages!.ArmWritten(pages.Start, pages.Last, _regions) == PageMapStatus.Complete;
        foreach (PageRegion region in _regions)
            NoteWritten(new AddressRange(region.Start, region.Last));
        if (!isComplete)
            NoteWritten(pages);
        return isComplete;
    }

    /// <summary>Pages that were written, or may have been, have been protected: earlier writes show no more.</summary>
    private void NoteWritten(AddressRange pages)
    {
        _lock.AssertHeld();
        foreach (WriteWatch each in _writeWatches)
            each.Note(pages);
        if (_writeWatches.Count == 0)
            return;
        WatchedRange? armed = null;
        while (_ranges.TryNext(pages, armed, out armed))
            armed.ArmedPages = null;
    }
}
