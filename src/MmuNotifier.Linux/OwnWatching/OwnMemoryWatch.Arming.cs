using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.OwnWatching;

/// <content>Changes that come without event or without end: seen by protecting pages.</content>
public sealed partial class OwnMemoryWatch
{
    private static readonly PageFilter s_present = new(
        PageCategories.Present, PageCategories.None, PageCategories.None, PageCategories.None);

    private static readonly PageFilter s_protected = new(
        PageCategories.Present | PageCategories.Written, PageCategories.Written, PageCategories.None, PageCategories.None);

    private readonly List<PageRegion> _regions = [];

    /// <inheritdoc/>
    /// <remarks>Everywhere, while an event is announced and not yet fetched: it may be of a removal.</remarks>
    public bool IsChanging(AddressRange range)
    {
        if (_reader is null)
            return true;
        if (_reader.IsFetched && _removals!.IsEmpty)
            return false;
        lock (_lock)
            return _isDisposed || !_reader.IsFetched || _removals!.Overlaps(range);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Sees what happens to pages that are present at the call. Whatever writes the range costs one page fault a page from then on. Costs a look at
    /// each page.
    /// </remarks>
    public void Arm(AddressRange range)
    {
        lock (_lock)
        {
            if (Failure is not null || _ranges.Find(range) is not { } armed)
                return;
            // To protect a page anew that was written since would hide the write from others.
            foreach (WatchedRange other in _ranges.Overlapping(range))
            {
                if (other != armed && other.ArmedPages is not null && !IsAsArmed(other))
                    other.ArmedPages = null;
            }

            armed.ArmedPages = null;
            if (_removals!.Overlaps(range) || Count(range, s_present) is not { } present)
                return;
            if (_reader!.TryAwaitQuiet()
                && _reader.Userfaultfd.WriteProtect(range.Start, range.Last, protect: true).Succeeded
                && Count(range, s_protected) is { } count && count >= present)
            {
                armed.ArmedPages = count;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>False for a range that was not watched or armed, and for one with a removal under way.</remarks>
    public bool IsIntact(AddressRange range)
    {
        lock (_lock)
        {
            return Failure is null && _ranges.Find(range) is { ArmedPages: not null } armed
                && !_removals!.Overlaps(range) && IsAsArmed(armed);
        }
    }

    /// <summary>Protection is only lost until it is armed anew, so if as many pages are protected as then, they are the same.</summary>
    private bool IsAsArmed(WatchedRange armed) => Count(armed.Range, s_protected) == armed.ArmedPages;

    private ulong? Count(AddressRange range, in PageFilter filter)
    {
        _regions.Clear();
        if (_pages!.ScanAll(range.Start, range.Last, PageScanFlags.None, in filter, _regions) != PageMapStatus.Complete)
            return null;
        ulong bytes = 0;
        foreach (PageRegion region in _regions)
            bytes += region.End - region.Start;
        return bytes / MmuNotifier.Linux.Native.PageSize.Bytes;
    }
}
