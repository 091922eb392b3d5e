using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <content>Truncation and holes. Pages are unmapped everywhere first, with event Clear, and leave the cache when no entry has
/// them.</content>
internal sealed partial class SimulatedFile
{
    /// <inheritdoc/>
    public override Errno Truncate(ulong length)
    {
        bool isShorter;
        using (Machine.TableLock.Hold())
        {
            isShorter = length < _length;
            if (isShorter && length % MirroredMemory.PageBytes != 0)
                Clear(length, MirroredMemory.PageBytes - (length % MirroredMemory.PageBytes));
            _length = length;
        }

        // Copies that private mappings made go too.
        if (isShorter)
            DropPages(PagesOf(length), ulong.MaxValue, withCopies: true);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno PunchHole(ulong offset, ulong length)
    {
        if (length == 0 || length > ulong.MaxValue - offset)
            return Errno.InvalidArgument;
        ulong end = offset + length;
        ulong unit = _isHugeTlb ? PageTable.HugePages : 1UL;
        ulong firstPage = (PagesOf(offset) + unit - 1) / unit * unit;
        ulong endPage = end / MirroredMemory.PageBytes / unit * unit;
        if (firstPage < endPage)
            DropPages(firstPage, endPage, withCopies: false);
        if (_isHugeTlb)
            return Errno.None;
        using (Machine.TableLock.Hold())
        {
            ulong startOfWhole = firstPage * MirroredMemory.PageBytes;
            if (offset < startOfWhole)
                Clear(offset, Math.Min(end, startOfWhole) - offset);
            ulong endOfWhole = endPage * MirroredMemory.PageBytes;
            if (end > endOfWhole && endOfWhole >= startOfWhole)
                Clear(endOfWhole, end - endOfWhole);
        }

        return Errno.None;
    }

    /// <summary>Zeros within one page, if it exists.</summary>
    private void Clear(ulong offset, ulong length)
    {
        Machine.TableLock.AssertHeld();
        if (_pages.TryGetValue(offset / MirroredMemory.PageBytes, out ulong frame))
            Frames.Write(frame, (int)(offset % MirroredMemory.PageBytes), new byte[length]);
    }

    private void DropPages(ulong firstPage, ulong endPage, bool withCopies)
    {
        List<(SimulatedMemory Memory, AddressRange Range)> places;
        using (Machine.TableLock.Hold())
            places = FindPlaces(firstPage, endPage, onlyMapped: false);
        while (true)
        {
            foreach ((SimulatedMemory memory, AddressRange range) in places)
                memory.UnmapFilePages(this, range, firstPage, endPage, withCopies);
            SchedulingPoint.Mark();
            using (Machine.TableLock.Hold())
            {
                // A fault, or a move of a mapping, may have come in between.
                places = FindPlaces(firstPage, endPage, onlyMapped: true);
                if (places.Count == 0)
                {
                    DropCached(firstPage, endPage);
                    return;
                }
            }
        }
    }

    private void DropCached(ulong firstPage, ulong endPage)
    {
        foreach ((ulong page, ulong frame) in _pages.Where(cached => cached.Key >= firstPage && cached.Key < endPage).ToList())
        {
            _pages.Remove(page);
            ReleasePage(frame);
            if (_isHugeTlb)
                Machine.HugeTlb.TryReserve(1);
        }
    }

    private List<(SimulatedMemory Memory, AddressRange Range)> FindPlaces(ulong firstPage, ulong endPage, bool onlyMapped)
    {
        var places = new List<(SimulatedMemory, AddressRange)>();
        foreach (SimulatedMemory memory in Machine.Spaces)
            memory.FindFilePlaces(this, firstPage, endPage, onlyMapped, places);
        return places;
    }
}
