using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Files and their pages in this address space.</content>
public sealed partial class SimulatedMemory
{
    /// <inheritdoc/>
    public override MemoryFile CreateFile(ulong length) => new SimulatedFile(Machine, length, isNameless: false);

    /// <summary>Where pages of the file can be, or with <paramref name="onlyMapped"/> are.</summary>
    internal void FindFilePlaces(
        SimulatedFile file, ulong firstPage, ulong endPage, bool onlyMapped, List<(SimulatedMemory Memory, AddressRange Range)> places)
    {
        TableLock.AssertHeld();
        for (int i = 0; i < _areas.Count; i++)
        {
            Area area = _areas[i];
            ulong areaEndPage = area.PageOf(area.End);
            if (area.File != file || area.PageOffset >= endPage || areaEndPage <= firstPage)
                continue;
            ulong start = area.Start + ((Math.Max(firstPage, area.PageOffset) - area.PageOffset) * PageBytes);
            ulong end = area.Start + ((Math.Min(endPage, areaEndPage) - area.PageOffset) * PageBytes);
            if (!onlyMapped || HasFilePages(start, end))
                places.Add((this, new AddressRange(start, end - 1)));
        }
    }

    /// <summary>
    /// Takes pages of the file out of the page table (<c>unmap_mapping_range</c>). Without the mapping lock, so each entry's mapping is
    /// looked at.
    /// </summary>
    internal void UnmapFilePages(SimulatedFile file, AddressRange range, ulong firstPage, ulong endPage, bool withCopies)
    {
        using (Space.StartInvalidation(range, InvalidationEvent.Clear))
        {
            SchedulingPoint.Mark();
            using (TableLock.Hold())
            {
                for (ulong address = range.Start; _table.TryFindEntry(ref address, range.Last); address += PageBytes)
                {
                    if (_areas.At(address) is not { } area || area.File != file)
                        continue;
                    ulong page = area.PageOf(address);
                    if (page < firstPage || page >= endPage)
                        continue;
                    Pte entry = _table.Get(address);
                    if (withCopies || !IsCopy(entry))
                        DropEntries(entry.Order == 0 ? address : PageTable.BlockOf(address), PageAt(address).Last + 1);
                }

                TableLock.MigrationEnded();
            }
        }
    }

    private bool HasFilePages(ulong start, ulong end)
    {
        for (ulong address = start; _table.TryFindEntry(ref address, end - 1); address += PageBytes)
        {
            if (!IsCopy(_table.Get(address)))
                return true;
        }

        return false;
    }

    // Hugetlb pages of a file are not marked as cached, but only a private mapping of a file has copies, and those are small.
    private bool IsCopy(Pte entry) => entry.Order == 0 && Frames.IsAnonymous(entry.Frame);
}
