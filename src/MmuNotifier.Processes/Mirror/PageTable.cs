namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// The device's page table: page number → frame, five levels of 512 entries as in the processor's, so that it covers 57-bit addresses.
/// Guarded by the device's lock.
/// </summary>
internal sealed class PageTable
{
    internal const int PageShift = 12;
    private const int LevelBits = 9;
    private const int TopLevel = 4;
    private const int IndexMask = PageTableNode.Entries - 1;

    private readonly PageTableNode _root = PageTableNode.Inner();

    /// <summary>How many pages have an entry.</summary>
    internal long Count { get; private set; }

    /// <summary>The frame of a page; -1 if it has none.</summary>
    internal int this[ulong page]
    {
        get
        {
            PageTableNode? leaf = LeafOf(page);
            return leaf is null ? -1 : leaf.Frame(IndexAt(page, 0));
        }
    }

    /// <summary>Adds an entry for a page that has none.</summary>
    internal void Set(ulong page, int frame)
    {
        PageTableNode node = _root;
        for (int level = TopLevel; level > 0; level--)
            node = node.ChildOrNew(IndexAt(page, level), isLeaf: level == 1);
        node.SetFrame(IndexAt(page, 0), frame);
        Count++;
    }

    /// <summary>
    /// Removes the entries of the pages from first to last, both inclusive, and returns their frames to the store. Returns how many there
    /// were.
    /// </summary>
    internal long Clear(ulong firstPage, ulong lastPage, FrameStore frames)
    {
        long cleared = Clear(_root, TopLevel, 0, firstPage, lastPage, frames);
        Count -= cleared;
        return cleared;
    }

    /// <summary>
    /// Fills the spans with the next entries from a page on, up to a last page inclusive, in ascending order; their number.
    /// </summary>
    internal int CopyEntries(ulong firstPage, ulong lastPage, Span<ulong> pages, Span<int> frames)
    {
        int count = 0;
        CopyEntries(_root, TopLevel, 0, firstPage, lastPage, pages, frames, ref count);
        return count;
    }

    /// <summary>
    /// How many pages from first to last, both inclusive, have an entry. A node that lies within is counted by one look at it.
    /// </summary>
    internal long CountIn(ulong firstPage, ulong lastPage)
    {
        if (firstPage >> LevelBits != lastPage >> LevelBits)
            return CountIn(_root, TopLevel, 0, firstPage, lastPage);
        return LeafOf(firstPage) is { } leaf ? leaf.CountFrames(IndexAt(firstPage, 0), IndexAt(lastPage, 0)) : 0;
    }

    private PageTableNode? LeafOf(ulong page)
    {
        PageTableNode? node = _root;
        for (int level = TopLevel; level > 0 && node is not null; level--)
            node = node.Child(IndexAt(page, level));
        return node;
    }

    private static int IndexAt(ulong page, int level) => (int)(page >> (level * LevelBits)) & IndexMask;

    private static long CountIn(PageTableNode node, int level, ulong nodeStart, ulong firstPage, ulong lastPage)
    {
        (int from, int to) = Indexes(nodeStart, level, firstPage, lastPage);
        if (level == 0)
            return node.CountFrames(from, to);
        long count = 0;
        for (int i = from; i <= to; i++)
        {
            if (node.Child(i) is { } child)
                count += CountIn(child, level - 1, nodeStart + ((ulong)i << (level * LevelBits)), firstPage, lastPage);
        }

        return count;
    }

    private static long Clear(PageTableNode node, int level, ulong nodeStart, ulong firstPage, ulong lastPage, FrameStore frames)
    {
        long cleared = 0;
        (int from, int to) = Indexes(nodeStart, level, firstPage, lastPage);
        for (int i = from; i <= to && node.Count > 0; i++)
        {
            if (level == 0)
            {
                int frame = node.TakeFrame(i);
                if (frame < 0)
                    continue;
                frames.Free(frame);
                cleared++;
            }
            else if (node.Child(i) is { } child)
            {
                cleared += Clear(child, level - 1, nodeStart + ((ulong)i << (level * LevelBits)), firstPage, lastPage, frames);
                if (child.Count == 0)
                    node.RemoveChild(i);
            }
        }

        return cleared;
    }

    private static void CopyEntries(
        PageTableNode node, int level, ulong nodeStart, ulong firstPage, ulong lastPage, Span<ulong> pages, Span<int> frames, ref int count)
    {
        (int from, int to) = Indexes(nodeStart, level, firstPage, lastPage);
        for (int i = from; i <= to && count < pages.Length; i++)
        {
            if (level > 0)
            {
                ulong start = nodeStart + ((ulong)i << (level * LevelBits));
                if (node.Child(i) is { } child)
                    CopyEntries(child, level - 1, start, firstPage, lastPage, pages, frames, ref count);
                continue;
            }

            int frame = node.Frame(i);
            if (frame < 0)
                continue;
            pages[count] = nodeStart + (ulong)i;
            frames[count++] = frame;
        }
    }

    /// <summary>Which entries of a node meet the pages from first to last; from is above to if none does.</summary>
    private static (int From, int To) Indexes(ulong nodeStart, int level, ulong firstPage, ulong lastPage)
    {
        int shift = level * LevelBits;
        ulong nodeLast = nodeStart + ((ulong)PageTableNode.Entries << shift) - 1;
        if (lastPage < nodeStart || firstPage > nodeLast)
            return (1, 0);
        return ((int)((Math.Max(firstPage, nodeStart) - nodeStart) >> shift), (int)((Math.Min(lastPage, nodeLast) - nodeStart) >> shift));
    }
}
