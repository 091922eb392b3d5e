using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>
/// The page table of one address space: blocks of 2 MiB, each one huge entry or 512 small ones. Guarded by the page-table lock.
/// </summary>
internal sealed class PageTable
{
    /// <summary>Pages of a huge page.</summary>
    public const int HugePages = 512;

    /// <summary>Logarithm of <see cref="HugePages"/>.</summary>
    public const byte HugeOrder = 9;

    /// <summary>Bytes of a huge page.</summary>
    public const ulong HugeBytes = HugePages * MirroredMemory.PageBytes;

    private readonly List<ulong> _keys = [];
    private readonly List<PageBlock> _blocks = [];

    // The block that was looked up last: most lookups are of its neighbours.
    private int _recent;

    public static ulong BlockOf(ulong address) => address & ~(HugeBytes - 1);

    public bool HasEntries(ulong address) => Find(address) is not null;

    public bool IsHuge(ulong address) => Find(address) is { IsHuge: true };

    public Pte Get(ulong address) => Find(address) is { } block ? block.Get(SlotOf(address)) : default;

    /// <summary>Sets a small entry; the block is not huge.</summary>
    public void Set(ulong address, Pte entry)
    {
        if (Find(address) is not { } block)
        {
            if (entry.State == PageState.None)
                return;
            block = Add(address, new PageBlock());
        }

        block.Set(SlotOf(address), entry);
        if (block.IsEmpty)
            Remove(address);
    }

    /// <summary>Sets the whole block to one huge entry, or to nothing.</summary>
    public void SetHuge(ulong address, Pte entry)
    {
        Remove(address);
        if (entry.State != PageState.None)
            Add(address, new PageBlock(entry with { Order = HugeOrder }));
    }

    /// <summary>Turns a huge entry into 512 small ones of the same frames.</summary>
    public void Split(ulong address) => Find(address)!.Split();

    /// <summary>The address of the first page from here on, up to the last byte, whose block has entries.</summary>
    public bool TryFindEntry(ref ulong address, ulong last)
    {
        while (address <= last)
        {
            int index = IndexFrom(address / HugeBytes);
            if (index == _keys.Count)
                return false;
            address = Math.Max(address, _keys[index] * HugeBytes);
            PageBlock block = _blocks[index];
            while (address <= last && address / HugeBytes == _keys[index])
            {
                if (block.Get(SlotOf(address)).State != PageState.None)
                    return true;
                address += MirroredMemory.PageBytes;
            }
        }

        return false;
    }

    private static int SlotOf(ulong address) => (int)(address % HugeBytes / MirroredMemory.PageBytes);

    private PageBlock? Find(ulong address)
    {
        int index = IndexFrom(address / HugeBytes);
        return index < _keys.Count && _keys[index] == address / HugeBytes ? _blocks[index] : null;
    }

    private int IndexFrom(ulong key)
    {
        if (_recent < _keys.Count && _keys[_recent] == key)
            return _recent;
        int index = _keys.BinarySearch(key);
        _recent = index < 0 ? ~index : index;
        return _recent;
    }

    private PageBlock Add(ulong address, PageBlock block)
    {
        int index = IndexFrom(address / HugeBytes);
        _keys.Insert(index, address / HugeBytes);
        _blocks.Insert(index, block);
        return block;
    }

    private void Remove(ulong address)
    {
        if (Find(address) is null)
            return;
        int index = IndexFrom(address / HugeBytes);
        _keys.RemoveAt(index);
        _blocks.RemoveAt(index);
    }
}
