using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>
/// Memory that the program has excluded from its cores. Only smaps says which it is, and reading that takes too long for a stop. So it is
/// read before a stop and after it: what was excluded both times is left out. In between a program can allow memory again and write to it,
/// as the .NET collector does with every part of its heap that it takes into use.
/// </content>
internal sealed unsafe partial class CoreImage
{
    /// <summary>Pages that existed while they were known to be excluded, as of the last look at the running process.</summary>
    private readonly PageBits _omitted = new();

    /// <summary>Of the stop: pages that were left out, and pages that have come up in excluded memory since the last look.</summary>
    private readonly List<AddressRange> _omittedInStop = [];
    private readonly List<AddressRange> _copiedInDoubt = [];

    private IReadOnlyList<AddressRange> _excluded = [];

    /// <summary>Whether the program has excluded anything, as of the last time that this was read.</summary>
    internal bool HasExcluded => _excluded.Count > 0;

    /// <summary>Takes over what is excluded now. What no longer is gets copied; what is becomes a hole.</summary>
    /// <exception cref="CoreException">The file cannot be written.</exception>
    internal void Exclude(IReadOnlyList<AddressRange> excluded)
    {
        foreach (AddressRange noLonger in _excluded.Except(excluded))
            Forget(noLonger);
        // Also of what was excluded before: a stop that came to nothing may have copied from it.
        foreach (AddressRange range in excluded)
            _inFile.FindAll(range).ForEach(ClearInFile);
        _excluded = excluded;
        _omitted.ClearAll();
    }

    /// <summary>
    /// After the stop, with what is excluded then: what was copied in doubt and is excluded becomes a hole. Only what was excluded both
    /// times counts as excluded from then on.
    /// </summary>
    /// <returns>False if memory was left out that is not excluded any more: the core lacks it.</returns>
    internal bool SettleExcluded(Func<IReadOnlyList<AddressRange>> readExcluded)
    {
        if (_omittedInStop.Count == 0 && _copiedInDoubt.Count == 0)
            return true;
        IReadOnlyList<AddressRange> now = readExcluded();
        List<AddressRange> both = [];
        foreach (AddressRange before in _excluded)
        {
            foreach (AddressRange after in now)
            {
                if (before.TryIntersect(after, out AddressRange common))
                    both.Add(common);
            }
        }

        if (!_omittedInStop.TrueForAll(omitted => LengthIn(omitted, both) == omitted.Length))
            return false;
        _excluded = both;
        foreach (AddressRange copied in _copiedInDoubt)
        {
            foreach (AddressRange excluded in both)
            {
                if (copied.TryIntersect(excluded, out AddressRange part))
                    _stale.Add(part);
            }
        }

        return true;
    }

    private static ulong LengthIn(AddressRange range, List<AddressRange> disjoint)
    {
        ulong length = 0;
        foreach (AddressRange part in disjoint)
            length += part.TryIntersect(range, out AddressRange common) ? common.Length : 0;
        return length;
    }

    /// <summary>Pages in excluded memory count as held, so that they are holes.</summary>
    private void PassOverExcluded(AddressRange range, ReadOnlySpan<PageRegion> regions, bool isFrozen)
    {
        foreach (AddressRange excluded in _excluded)
        {
            if (!excluded.TryIntersect(range, out AddressRange part))
                continue;
            using (_lock.Hold())
                _held.Set(part);
            foreach (ref readonly PageRegion region in regions)
            {
                if (region.Last < part.Start || region.Start > part.Last)
                    continue;
                AddressRange pages = PageTableLook.Clip(in region, part);
                if (isFrozen)
                    DecideOnExcluded(pages);
                else
                    _omitted.Set(pages);
            }
        }
    }

    private void DecideOnExcluded(AddressRange pages)
    {
        _omittedInStop.AddRange(_omitted.FindAll(pages));
        while (_omitted.TryFind(pages, false, out AddressRange run))
        {
            run = run.Intersect(pages);
            Forget(run);
            _copiedInDoubt.Add(run);
            if (run.Last >= pages.Last)
                return;
            pages = new AddressRange(run.Last + 1, pages.Last);
        }
    }
}
