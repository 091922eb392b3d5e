using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>The page table of one address space: blocks of 2 MiB, each one huge entry or 512 small ones. Guarded by the page-table lock.</summary>
internal sealed class PageTable
{
    /// <summary>Pages of a huge page.</summary>
    public const int HugePages = 512;

    /// <summary>Logarithm of that.</summary>
    public const byte HugeOrder = 9;

    /// <summary>Bytes of a huge page.</summary>
    public const ulong HugeBytes = HugePages * MirroredMemory.PageBytes;

    private readonly Dictionary<ulong, PageBlock> _blocks = [];

    public static ulong BlockOf(ulong address) => address & ~(HugeBytes - 1);

    public bool HasEntries(ulong address) => _blocks.ContainsKey(address / HugeBytes);

    public bool IsHuge(ulong address) => _blocks.TryGetValue(address / HugeBytes, out PageBlock? block) && block.IsHuge;

    public Pte Get(ulong address) => _blocks.TryGetValue(address / HugeBytes, out PageBlock? block) ? block.Get(SlotOf(address)) : default;

    /// <summary>Sets a small entry; the block is not huge.</summary>
    public void Set(ulong address, Pte entry)
    {
        if (!_blocks.TryGetValue(address / HugeBytes, out PageBlock? block))
        {
            if (entry.State == PageState.None)
                return;
            _blocks.Add(address / HugeBytes, block = new PageBlock());
        }

        block.Set(SlotOf(address), entry);
        if (block.IsEmpty)
            _blocks.Remove(address / HugeBytes);
    }

    /// <summary>Sets the whole block to one huge entry, or to nothing.</summary>
    public void SetHuge(ulong address, Pte entry)
    {
        if (entry.State == PageState.None)
            _blocks.Remove(address / HugeBytes);
        else
            _blocks[address / HugeBytes] = new PageBlock(entry with { Order = HugeOrder });
    }

    /// <summary>Turns a huge entry into 512 small ones of the same frames.</summary>
    public void Split(ulong address) => _blocks[address / HugeBytes].Split();

    /// <summary>The address of the first page from here on, up to the last byte, whose block has entries.</summary>
    public bool TryFindEntry(ref ulong address, ulong last)
    {
        while (address <= last)
        {
            if (_blocks.TryGetValue(address / HugeBytes, out PageBlock? block))
            {
                do
                {
                    if (block.Get(SlotOf(address)).State != PageState.None)
                        return true;
                    address += MirroredMemory.PageBytes;
                }
                while (address <= last && address % HugeBytes != 0);
            }
            else
            {
                address = BlockOf(address) + HugeBytes;
            }
        }

        return false;
    }

    private static int SlotOf(ulong address) => (int)(address % HugeBytes / MirroredMemory.PageBytes);
}
