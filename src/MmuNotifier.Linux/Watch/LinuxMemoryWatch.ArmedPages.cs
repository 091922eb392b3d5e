namespace MmuNotifier.Linux;

/// <content>Changes that come without event or without end: seen by protecting pages.</content>
public sealed partial class LinuxMemoryWatch
{
    private static readonly PageFilter s_present = new(
        PageCategories.Present, PageCategories.None, PageCategories.None, PageCategories.None);

    private static readonly PageFilter s_protected = new(
        PageCategories.Present | PageCategories.Written, PageCategories.Written, PageCategories.None, PageCategories.None);

    /// <inheritdoc/>
    /// <remarks>The range is looked at page by page while a removal may be under way there.</remarks>
    public bool IsChanging(AddressRange range)
    {
        if (_reader is null)
            return true;
        // In this order: once what was announced is applied, the removals among it are in the list.
        if (_reader.IsApplied && _removals!.IsEmpty)
            return false;
        lock (_lock)
            return Failure is not null || !TryApplyEvents() || _removals!.Overlaps(range);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Sees what happens to pages that are present at the call. Whatever writes the range costs one page fault a page from then on. Costs a
    /// look at each page.
    /// </remarks>
    public void Arm(AddressRange range)
    {
        lock (_lock)
        {
            if (Failure is not null || _ranges.Find(range) is not { } armed)
                return;
            // Protecting a page again that was written since would hide the write from others.
            WatchedRange? other = null;
            while (_ranges.TryNext(PagesOf(range), other, out other))
            {
                if (other != armed && other.ArmedPages is not null && !IsAsArmed(other))
                    other.ArmedPages = null;
            }

            armed.ArmedPages = null;
            AddressRange pages = PagesOf(range);
            if (_removals!.Overlaps(pages) || Count(pages, s_present) is not { } present)
                return;
            if (_reader!.TryAwaitQuiet()
                && TryProtect(pages)
                && Count(pages, s_protected) is { } count && count >= present)
            {
                armed.ArmedPages = count;
            }
        }
    }

    /// <summary>Where a write watch looks as well, pages are protected by a scan that says which were written.</summary>
    private bool TryProtect(AddressRange pages) => _writeWatches.Exists(each => each.Range.Overlaps(pages))
        ? TryArmWritten(pages)
        : _reader!.Userfaultfd.WriteProtect(pages.Start, pages.Last, protect: true).Succeeded;

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

    /// <summary>Protection is only lost until it is armed again, so if as many pages are protected as then, they are the same.</summary>
    private bool IsAsArmed(WatchedRange armed) => Count(PagesOf(armed.Range), s_protected) == armed.ArmedPages;

    private static AddressRange PagesOf(AddressRange range) =>
        new(PageSize.StartOf(range.Start), range.Last | PageSize.OffsetMask);

    private ulong? Count(AddressRange range, in PageFilter filter)
    {
        _regions.Clear();
        if (_pages!.ScanAll(range.Start, range.Last, PageScanFlags.None, in filter, _regions) != PageMapStatus.Complete)
            return null;
        ulong bytes = 0;
        foreach (PageRegion region in _regions)
            bytes += region.End - region.Start;
        return bytes / PageSize.Bytes;
    }
}
