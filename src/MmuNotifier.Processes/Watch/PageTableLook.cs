using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// One look at the whole page table of a process, instead of one at each mapping: which pages exist, which of them were written, which are
/// not registered. On the owner's thread.
/// </summary>
/// <param name="watch">The process.</param>
/// <param name="isArmed">Whether writes to a mapping are found by arming it.</param>
internal sealed class PageTableLook(WatchedProcess watch, Func<WatchedMapping, bool> isArmed)
{
    // The last addresses that a program can map without and with page tables of five levels.
    private const ulong UsualLast = 0x7FFF_FFFF_EFFF;
    private const ulong LargeLast = 0x00FF_FFFF_FFFF_EFFF;
    private const int PageShift = 12;

    private readonly PageTableScan _scan = new(watch.PageMap);
    private List<PageRegion> _present = [];
    private List<PageRegion> _presentBefore = [];
    private readonly List<AddressRange> _vanished = [];
    private bool _isCompared = true;
    private readonly List<PageRegion> _written = [];
    private ulong _lookedTo = UsualLast;
    private bool _hasLooked;

    /// <summary>What the last look has found, in the order of addresses.</summary>
    internal ReadOnlySpan<PageRegion> Regions => CollectionsMarshal.AsSpan(_present);

    /// <summary>Called with what is found written, in no order; null for nobody.</summary>
    internal Action<AddressRange>? FoundWritten { get; init; }

    /// <summary>The pages that were in memory at the last look; in ascending order, joined where they touch.</summary>
    internal List<AddressRange> GetResident()
    {
        var resident = new List<AddressRange>();
        foreach (ref readonly PageRegion region in Regions)
        {
            if ((region.Categories & PageCategories.Present) == 0)
                continue;
            if (resident.Count > 0 && resident[^1].Last + 1 == region.Start)
                resident[^1] = new AddressRange(resident[^1].Start, region.Last);
            else
                resident.Add(new AddressRange(region.Start, region.Last));
        }

        return resident;
    }

    /// <summary>Brings the mappings up to date and looks at the page table; of a frozen process only once for each freeze.</summary>
    /// <returns>False if the program image is gone, or its memory could not be looked at now.</returns>
    internal bool Look(MemorySharing sharing, bool isFrozen)
    {
        bool hasLooked = _hasLooked;
        _hasLooked = false;
        if (!(isFrozen ? hasLooked || LookFrozen(sharing) : watch.Refresh(sharing) && LookAgain()))
            return false;
        _hasLooked = false;
        return watch.Refresh(sharing) && LookFarEnough();
    }

    /// <summary>
    /// The first step of <see cref="Look"/> at a frozen target: reads the mappings and looks at the page table at the same time, as nothing
    /// changes either, with two threads. Of several frozen processes all must have done it before it is certain which of their memory is
    /// mapped twice.
    /// </summary>
    /// <returns>False if the program image is gone.</returns>
    internal bool LookFrozen(MemorySharing sharing)
    {
        _scan.Begin(Regions, _lookedTo);
        BeginLook();
        Task help = Task.Run(_scan.Help);
        bool isThere, hasScanned = false;
        try
        {
            isThere = watch.Refresh(sharing);
            _scan.Help();
        }
        finally
        {
            help.Wait();
            hasScanned = _scan.TryTake(_present);
            if (!hasScanned)
                GiveLookUp();
        }

        _hasLooked = hasScanned && isThere;
        return _hasLooked;
    }

    private bool LookAgain()
    {
        BeginLook();
        if (LookAtPages())
            return true;
        GiveLookUp();
        return false;
    }

    private bool LookAtPages()
    {
        _present.Clear();
        return watch.PageMap.ScanAll(0, _lookedTo, PageScanFlags.None, PageFilter.Look, _present) == PageMapStatus.Complete;
    }

    /// <summary>
    /// Whether the look reached as far as the mappings do; the first mapping beyond the usual addresses makes another look needed.
    /// </summary>
    private bool LookFarEnough()
    {
        List<WatchedMapping> mappings = watch.Mappings;
        if (mappings.Count == 0 || mappings[^1].Mapping.Last <= _lookedTo)
            return true;
        _lookedTo = LargeLast;
        return LookAtPages();
    }

    /// <summary>
    /// What was written since it was armed is invalidated; it is armed again first, and copied after that. A page written between the look
    /// and the arming is reported by the arming.
    /// </summary>
    /// <param name="arms">False where nothing runs that could write: what was written counts as written again at the next look.</param>
    /// <returns>False if the program image is gone.</returns>
    internal bool TakeBackWritten(bool arms = true)
    {
        _written.Clear();
        ArmedSpan? armed = null;
        int next = 0;
        TakeBackVanished();
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(watch.Mappings))
        {
            int count = RegionsOf(Regions, mapping.Range, ref next);
            if (isArmed(mapping) && !TakeBackIn(in mapping, next, count, arms, ref armed))
                return false;
        }

        if (!Arm(armed))
            return false;
        foreach (ref readonly PageRegion region in CollectionsMarshal.AsSpan(_written))
            Invalidate(new AddressRange(region.Start, region.Last));
        return true;
    }

    /// <summary>What has vanished since it was looked at may have been written.</summary>
    internal void TakeBackVanished()
    {
        if (!_isCompared)
            FindVanished();
        foreach (ref readonly AddressRange range in CollectionsMarshal.AsSpan(_vanished))
            Invalidate(range);
        _vanished.Clear();
    }

    /// <summary>
    /// As <see cref="TakeBackWritten(bool)"/> for a part of an armed mapping, without a look before. Called while the process is stopped.
    /// </summary>
    /// <returns>False if the program image is gone.</returns>
    internal bool TakeBackWritten(AddressRange part)
    {
        _written.Clear();
        if (!Arm(new ArmedSpan(part)))
            return false;
        foreach (ref readonly PageRegion region in CollectionsMarshal.AsSpan(_written))
            Invalidate(new AddressRange(region.Start, region.Last));
        return true;
    }

    /// <summary>
    /// Finds shared pages that were there at the look before and are not any more: an armed page that the kernel takes out of memory leaves
    /// a mark, one that was written leaves none.
    /// </summary>
    private void FindVanished()
    {
        _isCompared = true;
        int next = 0, nextBefore = 0;
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(watch.Mappings))
        {
            if (!mapping.Mapping.HasNoDescriptor || !isArmed(mapping))
                continue;
            int count = RegionsOf(Regions, mapping.Range, ref next);
            ReadOnlySpan<PageRegion> before = CollectionsMarshal.AsSpan(_presentBefore);
            int countBefore = RegionsOf(before, mapping.Range, ref nextBefore);
            FindVanished(mapping.Range, before.Slice(nextBefore, countBefore), Regions.Slice(next, count));
        }
    }

    private void FindVanished(AddressRange range, ReadOnlySpan<PageRegion> before, ReadOnlySpan<PageRegion> present)
    {
        int next = 0;
        foreach (ref readonly PageRegion region in before)
        {
            AddressRange part = Clip(in region, range);
            ulong start = part.Start;
            while (next < present.Length && present[next].Last < start)
                next++;
            for (int i = next; i < present.Length && present[i].Start <= part.Last; i++)
            {
                if (present[i].Start > start)
                    _vanished.Add(new AddressRange(start, present[i].Start - 1));
                start = present[i].End;
            }

            if (start <= part.Last)
                _vanished.Add(new AddressRange(start, part.Last));
        }
    }

    private void BeginLook()
    {
        if (!_isCompared)
            FindVanished();
        (_presentBefore, _present) = (_present, _presentBefore);
        _isCompared = false;
    }

    private void GiveLookUp()
    {
        (_presentBefore, _present) = (_present, _presentBefore);
        _isCompared = true;
    }

    private bool TakeBackIn(in WatchedMapping mapping, int first, int count, bool arms, ref ArmedSpan? armed)
    {
        bool isRegistered = true;
        for (int i = first; i < first + count; i++)
        {
            PageRegion region = _present[i];
            AddressRange part = Clip(in region, mapping.Range);
            if ((region.Categories & PageCategories.WriteProtectAllowed) == 0)
            {
                if (isRegistered)
                    watch.RegisterAgain(mapping);
                isRegistered = false;
                Invalidate(part);
            }
            else if ((region.Categories & PageCategories.Written) == 0)
            {
                continue;
            }
            else if (!arms)
            {
                _written.Add(region with { Start = part.Start, End = part.Last + 1 });
            }
            else if (!TryExtend(ref armed, part))
            {
                if (!Arm(armed))
                    return false;
                armed = new ArmedSpan(part);
            }
        }

        return true;
    }

    private static bool TryExtend(ref ArmedSpan? armed, AddressRange part)
    {
        ArmedSpan span = armed.GetValueOrDefault();
        if (armed is null || !span.TryExtend(part))
            return false;
        armed = span;
        return true;
    }

    private bool Arm(ArmedSpan? span)
    {
        if (span?.Range is not { } range)
            return true;
        PageMapStatus status = watch.PageMap.ArmWritten(range.Start, range.Last, _written);
        if (status == PageMapStatus.ProcessGone)
            return false;
        // What was armed on the way is not known: all of it counts as written.
        if (status != PageMapStatus.Complete)
            Invalidate(range);
        return true;
    }

    private void Invalidate(AddressRange written)
    {
        watch.Counters.WrittenRanges++;
        watch.Counters.WrittenPages += PagesIn(written);
        FoundWritten?.Invoke(written);
        watch.Space.Invalidate(written, InvalidationEvent.Clear);
    }

    /// <summary>The regions of the look that meet a range; ranges are asked for in ascending order.</summary>
    /// <param name="range">The addresses.</param>
    /// <param name="next">Where the search begins: 0 at first, then as the call before has left it.</param>
    internal ReadOnlySpan<PageRegion> RegionsIn(AddressRange range, ref int next)
    {
        int count = RegionsOf(Regions, range, ref next);
        return CollectionsMarshal.AsSpan(_present).Slice(next, count);
    }

    private static int RegionsOf(ReadOnlySpan<PageRegion> regions, AddressRange range, ref int next)
    {
        while (next < regions.Length && regions[next].Last < range.Start)
            next++;
        int count = 0;
        while (next + count < regions.Length && regions[next + count].Start <= range.Last)
            count++;
        return count;
    }

    /// <summary>The part of a region that lies in a range, which it meets.</summary>
    internal static AddressRange Clip(in PageRegion region, AddressRange range) =>
        new(Math.Max(region.Start, range.Start), Math.Min(region.Last, range.Last));

    internal static long PagesIn(in PageRegion region) => PagesIn(new AddressRange(region.Start, region.Last));

    internal static long PagesIn(AddressRange range) => (long)((range.Last - range.Start + 1) >> PageShift);
}
