using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A change that the kernel reports when a process makes it.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Range">
/// Whole pages, bounds inclusive. Of a move the old place; of a fork the whole address space.
/// </param>
/// <param name="Destination">Of a move the new place, as long as the old one; null otherwise.</param>
public readonly record struct MemoryChange(MemoryChangeKind Kind, AddressRange Range, AddressRange? Destination = null)
{
    /// <returns>Null for what is no change of memory, or does not say which.</returns>
    internal static MemoryChange? Of(in UserfaultEvent userfaultEvent)
    {
        AddressRange range = userfaultEvent.Range;
        return userfaultEvent.Kind switch
        {
            UserfaultEventKind.Unmap => new MemoryChange(MemoryChangeKind.Unmapped, range),
            UserfaultEventKind.Remove => new MemoryChange(MemoryChangeKind.Dropped, range),
            UserfaultEventKind.Fork => new MemoryChange(MemoryChangeKind.Forked, range),
            UserfaultEventKind.Remap => new MemoryChange(
                MemoryChangeKind.Moved,
                range,
                new AddressRange(userfaultEvent.Detail, userfaultEvent.Detail + (range.Last - range.Start))),
            _ => null,
        };
    }
}
