namespace MmuNotifier.Hmm;

/// <summary>One entry of the CPU's page table, as it was at one moment.</summary>
/// <param name="State">What is there.</param>
/// <param name="Frame">
/// The page frame number; 0 where there is none. <see cref="DeviceMemory.Of"/> finds the device of a frame. A number names a page only as
/// long as the entry stands: nothing is pinned.
/// </param>
/// <param name="IsWritable">Whether a CPU write succeeds without a fault.</param>
/// <param name="Order">
/// Logarithm of the size of the CPU's mapping in pages: 0, 9 (PMD) or 18 (PUD). A huge mapping is aligned to its size.
/// </param>
public readonly record struct PageEntry(PageState State, ulong Frame, bool IsWritable, byte Order);
