using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Huge pages that a device has, or that are collected, as wholes: one entry each, by the first page.</content>
internal sealed partial class TakenPages
{
    // What is here is not in _pages. Frames of a block follow each other and begin at a multiple of its pages, so that the first one can be
    // computed from each; _residents and _leaving know the first one alone.
    private readonly Dictionary<ulong, TakenPage> _blocks = [];

    /// <summary>The entry of a huge page, if it is one entry.</summary>
    /// <param name="block">Its first byte.</param>
    /// <param name="entry">The entry, with the frame of the first page.</param>
    internal bool TryFindBlock(ulong block, out TakenPage entry)
    {
        Lock.AssertHeld();
        entry = default;
        return _blocks.Count > 0 && _blocks.TryGetValue(block, out entry);
    }

    /// <summary>Marks a huge page as collected, unless one of its pages is recorded.</summary>
    internal bool TryCollectBlock(ulong block)
    {
        Lock.AssertHeld();
        if (EntriesIn(HugePage.RangeOf(block)).Count > 0)
            return false;
        PutBlock(block, TakenPage.Collected);
        return true;
    }

    /// <summary>Takes over the frames of a huge page of which no page is recorded, or which is collected as a whole.</summary>
    /// <param name="block">Its first byte.</param>
    /// <param name="entry">With the first frame; the others follow.</param>
    /// <exception cref="InvalidOperationException">A frame is recorded for it: it would have no owner any more.</exception>
    internal void PutBlock(ulong block, TakenPage entry)
    {
        Lock.AssertHeld();
        if (_blocks.TryGetValue(block, out TakenPage before) && before.State != TakenState.Collected)
            throw new InvalidOperationException($"Block 0x{block:x} is in frame 0x{before.Frame:x} already.");
        if (entry.Frame % HugePage.Pages != 0)
            throw new ArgumentException($"Frame 0x{entry.Frame:x} is not the first of a block.", nameof(entry));
        _blocks[block] = entry with { Order = HugePage.Order };
        if (entry.State == TakenState.Resident)
            _residents[entry.Frame] = block;
        if (entry.Transit == PageTransit.Leaving)
            _leaving[entry.Frame] = block;
    }

    /// <summary>Says that a huge page is on its way back, or no longer on its way; its frames stay recorded.</summary>
    internal void SetBlockTransit(ulong block, PageTransit transit)
    {
        Lock.AssertHeld();
        TakenPage entry = _blocks[block];
        if (entry.Transit == PageTransit.Leaving)
            _leaving.Remove(entry.Frame);
        _blocks[block] = entry with { Transit = transit };
    }

    /// <summary>Forgets a huge page; its frames are the caller's.</summary>
    internal bool RemoveBlock(ulong block, out TakenPage entry)
    {
        Lock.AssertHeld();
        if (!_blocks.Remove(block, out entry))
            return false;
        if (entry.State == TakenState.Resident)
            _residents.Remove(entry.Frame);
        if (entry.Transit == PageTransit.Leaving)
            _leaving.Remove(entry.Frame);
        return true;
    }

    /// <summary>
    /// Makes one entry of a block's pages, if a device has all of them, in private memory or by name, none is on its way, and their frames
    /// are those of a block.
    /// </summary>
    internal void JoinBlock(ulong block)
    {
        Lock.AssertHeld();
        if (!_pages.TryGetValue(block, out TakenPage first) || first.Frame % HugePage.Pages != 0)
            return;
        for (ulong i = 0; i < HugePage.Pages; i++)
        {
            bool isNext = _pages.TryGetValue(block + (i * MirroredMemory.PageBytes), out TakenPage page) && page == first.At(i);
            if (!isNext || page.State is not (TakenState.Private or TakenState.Resident) || page.Transit != PageTransit.None)
                return;
        }

        for (ulong i = 0; i < HugePage.Pages; i++)
        {
            _pages.Remove(block + (i * MirroredMemory.PageBytes));
            _residents.Remove(first.Frame + i);
        }

        PutBlock(block, first);
    }

    private static ulong NumberOf(ulong address) => address % HugePage.Bytes / MirroredMemory.PageBytes;

    private static void AddAddresses(List<ulong> addresses, ulong first, TakenPage entry)
    {
        for (ulong i = 0; i < 1UL << entry.Order; i++)
            addresses.Add(first + (i * MirroredMemory.PageBytes));
    }

    private bool IsBlock(ulong address, TakenPage entry) => entry.Order == HugePage.Order && _blocks.ContainsKey(address);

    private bool TryFindByFrame(Dictionary<ulong, ulong> places, ulong frame, out ulong address)
    {
        if (places.TryGetValue(frame, out address))
            return true;
        ulong number = frame % HugePage.Pages;
        bool isOfBlock = places.TryGetValue(frame - number, out ulong block) && TryFindBlock(block, out TakenPage entry)
            && entry.Frame == frame - number;
        if (!isOfBlock)
            return false;
        address = block + (number * MirroredMemory.PageBytes);
        return true;
    }

    private void Split(ulong block)
    {
        if (_blocks.Count == 0 || !RemoveBlock(block, out TakenPage entry))
            return;
        for (ulong i = 0; i < HugePage.Pages; i++)
            Put(block + (i * MirroredMemory.PageBytes), entry.At(i) with { Order = 0 });
    }

    private void SplitAll(AddressRange range)
    {
        foreach (ulong block in _blocks.Keys.Where(block => range.Overlaps(HugePage.RangeOf(block))).ToList())
            Split(block);
    }

    // A block that the range has only a part of is listed page by page.
    private bool AddBlock(List<(ulong Address, TakenPage Entry)> found, ulong block, AddressRange range)
    {
        AddressRange whole = HugePage.RangeOf(block);
        if (!TryFindBlock(block, out TakenPage entry) || !range.Overlaps(whole))
            return false;
        if (range.Contains(whole))
        {
            found.Add((block, entry));
            return true;
        }

        AddressRange part = whole.Intersect(range);
        for (ulong address = part.Start & ~(MirroredMemory.PageBytes - 1UL); address <= part.Last; address += MirroredMemory.PageBytes)
            found.Add((address, entry.At(NumberOf(address)) with { Order = 0 }));
        return true;
    }
}
