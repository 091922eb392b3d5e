namespace MmuNotifier.Hmm;

/// <summary>One page of a migration (<c>migrate_vma.src/dst</c>).</summary>
public struct MigratePage
{
    /// <summary>First byte of the page.</summary>
    public ulong Address { get; set; }

    /// <summary>The page's frame before; 0 for one that does not exist yet and would be zeros.</summary>
    public ulong SourceFrame { get; set; }

    /// <summary>Whether it was collected: it is off the CPU's page table and can move.</summary>
    public bool CanMove { get; set; }

    /// <summary>Whether the CPU's entry was writable.</summary>
    public bool IsWritable { get; set; }

    /// <summary>
    /// On the first page of a block that is collected as a whole, a huge page or one of which nothing exists: the logarithm of its pages
    /// (9). The pages after it have 0. It moves as a whole if all its pages are named destinations that follow each other from a multiple
    /// of their number on, or all are to move to system memory. Set it to 0 to have it split, where there is no huge page to move to.
    /// </summary>
    public byte Order { get; set; }

    /// <summary>
    /// The device frame to move to; 0 for none. The migration owns it from here on; the last step sets it to 0 unless the page has moved.
    /// </summary>
    public ulong DestinationFrame { get; set; }

    /// <summary>Whether it is to move to system memory, of which the memory itself takes a frame.</summary>
    public bool IsToSystem { get; set; }

    /// <summary>Whether it has moved.</summary>
    public bool IsMoved { get; set; }

    /// <summary>Whether somewhere to move to was named.</summary>
    public readonly bool HasDestination => IsToSystem || DestinationFrame != 0;
}
