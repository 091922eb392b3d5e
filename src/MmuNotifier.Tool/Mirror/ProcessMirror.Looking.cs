using System.Runtime.InteropServices;
using MmuNotifier.Linux;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Mirror;

/// <content>
/// One look at the whole page table, instead of one at each mapping: which pages exist, which of them were written, which are not
/// registered.
/// </content>
internal sealed partial class ProcessMirror
{
    // The last addresses that a program can map without and with page tables of five levels.
    private const ulong UsualLast = 0x7FFF_FFFF_EFFF;
    private const ulong LargeLast = 0x00FF_FFFF_FFFF_EFFF;

    private readonly List<PageRegion> _present = [];
    private readonly List<PageRegion> _written = [];
    private ulong _lookedTo = UsualLast;
    private bool _hasLooked;

    /// <summary>
    /// The first step of <see cref="CatchUp"/> on a frozen target: reads the mappings and looks at the page table at the same time, as
    /// nothing changes either. Of several frozen processes all must have done it before it is certain which of their memory is mapped
    /// twice.
    /// </summary>
    /// <returns>False if the program image is gone.</returns>
    internal bool LookFrozen(MemorySharing sharing)
    {
        Task<bool> look = Task.Run(Look);
        bool isThere;
        try
        {
            isThere = Watch.Refresh(sharing);
        }
        finally
        {
            look.Wait();
        }

        _hasLooked = look.Result && isThere;
        return _hasLooked;
    }

    private bool Look()
    {
        _present.Clear();
        return Watch.PageMap.ScanAll(0, _lookedTo, PageScanFlags.None, PageFilter.Look, _present) == PageMapStatus.Complete;
    }

    /// <summary>
    /// Whether the look reached as far as the mappings do; the first mapping beyond the usual addresses makes another look needed.
    /// </summary>
    private bool LookFarEnough()
    {
        List<WatchedMapping> mappings = Watch.Mappings;
        if (mappings.Count == 0 || mappings[^1].Mapping.Last <= _lookedTo)
            return true;
        _lookedTo = LargeLast;
        return Look();
    }

    /// <summary>
    /// What was written since it was armed is invalidated; it is armed again first, and copied after that. A page written between the look
    /// and the arming is reported by the arming.
    /// </summary>
    private bool TakeBackWritten()
    {
        _written.Clear();
        ArmedSpan? armed = null;
        int next = 0;
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(Watch.Mappings))
        {
            int count = RegionsOf(mapping.Range, ref next);
            if (mapping.Coverage == Coverage.Armed && !TakeBackIn(in mapping, next, count, ref armed))
                return false;
        }

        if (!Arm(armed))
            return false;
        foreach (ref readonly PageRegion region in CollectionsMarshal.AsSpan(_written))
            Invalidate(new AddressRange(region.Start, region.Last));
        return true;
    }

    private bool TakeBackIn(in WatchedMapping mapping, int first, int count, ref ArmedSpan? armed)
    {
        bool isRegistered = true;
        for (int i = first; i < first + count; i++)
        {
            PageRegion region = _present[i];
            AddressRange part = Clip(in region, mapping.Range);
            if ((region.Categories & PageCategories.WriteProtectAllowed) == 0)
            {
                if (isRegistered)
                    Watch.RegisterAgain(mapping);
                isRegistered = false;
                Invalidate(part);
            }
            else if ((region.Categories & PageCategories.Written) != 0 && !TryExtend(ref armed, part))
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
        PageMapStatus status = Watch.PageMap.ArmWritten(range.Start, range.Last, _written);
        if (status == PageMapStatus.ProcessGone)
            return false;
        // What was armed on the way is not known: all of it counts as written.
        if (status != PageMapStatus.Complete)
            Invalidate(range);
        return true;
    }

    private void Invalidate(AddressRange written)
    {
        Watch.Counters.WrittenRanges++;
        Watch.Counters.WrittenPages += PagesIn(written);
        Watch.Space.Invalidate(written, InvalidationEvent.Clear);
    }

    /// <summary>The regions that meet a range: moves the index to the first of them and gives their number.</summary>
    private int RegionsOf(AddressRange range, ref int next)
    {
        ReadOnlySpan<PageRegion> regions = CollectionsMarshal.AsSpan(_present);
        while (next < regions.Length && regions[next].Last < range.Start)
            next++;
        int count = 0;
        while (next + count < regions.Length && regions[next + count].Start <= range.Last)
            count++;
        return count;
    }

    private static AddressRange Clip(in PageRegion region, AddressRange range) =>
        new(Math.Max(region.Start, range.Start), Math.Min(region.Last, range.Last));

    private static long PagesIn(AddressRange range) => (long)((range.Last - range.Start + 1) >> PageTable.PageShift);
}
