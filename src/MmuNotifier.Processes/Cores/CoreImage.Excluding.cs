using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>
/// Memory that the program has excluded from its cores. Only smaps says which it is, and reading that takes too long for a stop. So it is
/// read before a stop and after it: what was excluded both times is left out. In between a program can allow memory again and write to it.
/// </content>
/// <remarks>
/// The .NET collector excludes what it has reserved and cannot access, allows each part when it takes it into use, and excludes it again
/// when it gives it back, all in a moment. So what could not be read then and has pages now is in use, and is copied.
/// </remarks>
internal sealed unsafe partial class CoreImage
{
    /// <summary>Pages that existed while they were excluded, as of the last look at the running process.</summary>
    private readonly PageBits _omitted = new();

    /// <summary>Of the stop: pages that were left out, and pages that have come up in excluded memory since the last look.</summary>
    private readonly List<AddressRange> _omittedInStop = [];
    private readonly List<AddressRange> _copiedInDoubt = [];

    private ExcludedMappings _excluded = new();

    /// <summary>Of a program that excludes nothing this is read once for each core.</summary>
    private bool _readsExcluded;

    /// <summary>
    /// After the stop: what was copied in doubt and is excluded becomes a hole. Only what was excluded both times counts as excluded.
    /// </summary>
    /// <returns>False if memory was left out that is not excluded any more: the core lacks it.</returns>
    /// <exception cref="CoreException">What is excluded cannot be read.</exception>
    internal bool SettleExcluded()
    {
        if (_omittedInStop.Count == 0 && _copiedInDoubt.Count == 0)
            return true;
        RangeSet now = ExcludedMappings.Read(Watch.MemoryThreadId).All;
        if (!_omittedInStop.TrueForAll(now.Covers))
            return false;
        foreach (AddressRange copied in _copiedInDoubt)
        {
            List<AddressRange> still = now.Intersect(copied);
            _stale.AddRange(still);
            if (still.Count == 0 || still[0] != copied)
                _excluded.Remove(copied);
        }

        return true;
    }

    /// <summary>Before a look at the running process. What no longer is excluded gets copied; what is becomes a hole.</summary>
    /// <returns>False if the program image is gone.</returns>
    private bool ReadExcluded()
    {
        if (!_readsExcluded)
            return true;
        ExcludedMappings now;
        try
        {
            now = ExcludedMappings.Read(Watch.MemoryThreadId);
        }
        catch (CoreException) when (Watch.IsImageGone)
        {
            return false;
        }

        foreach (AddressRange before in _excluded.All.Ranges)
        {
            if (!now.All.Covers(before))
                Forget(before);
        }

        // Also of what was excluded before: a stop that came to nothing may have copied from it.
        foreach (AddressRange range in now.All.Ranges)
            _inFile.FindAll(range).ForEach(ClearInFile);
        _excluded = now;
        _readsExcluded = now.All.Ranges.Count > 0;
        _omitted.ClearAll();
        return true;
    }

    /// <summary>Pages in excluded memory count as held, so that they are holes.</summary>
    private void PassOverExcluded(in WatchedMapping mapping, ReadOnlySpan<PageRegion> regions, bool isFrozen)
    {
        if (!_excluded.All.Overlaps(mapping.Range))
            return;
        using (_lock.Hold())
            _excluded.All.Intersect(mapping.Range).ForEach(_held.Set);
        bool isReadable = (mapping.Mapping.Protection & MappingProtection.Read) != 0;
        foreach (ref readonly PageRegion region in regions)
        {
            AddressRange pages = PageTableLook.Clip(in region, mapping.Range);
            if (isReadable)
                _excluded.Unreadable.Intersect(pages).ForEach(CopyTakenIntoUse);
            _excluded.All.Intersect(pages).ForEach(isFrozen ? DecideOnExcluded : _omitted.Set);
        }
    }

    private void CopyTakenIntoUse(AddressRange pages)
    {
        foreach (AddressRange run in _omitted.FindAll(pages, false))
        {
            Forget(run);
            _excluded.Remove(run);
        }
    }

    private void DecideOnExcluded(AddressRange pages)
    {
        _omittedInStop.AddRange(_omitted.FindAll(pages));
        foreach (AddressRange run in _omitted.FindAll(pages, false))
        {
            Forget(run);
            _copiedInDoubt.Add(run);
        }
    }
}
