using MmuNotifier.Hmm;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Sampling;

/// <summary>One thing that a process has done to its memory.</summary>
/// <param name="At">Since the first look at it.</param>
/// <param name="Kind">What.</param>
/// <param name="Range">Whole pages; of a fork or an exec the whole address space.</param>
/// <param name="Destination">Of a move: the first byte of the new place; otherwise 0.</param>
/// <param name="Protection">Of what was mapped or protected: what it permits now.</param>
internal readonly record struct MemoryEvent(
    TimeSpan At, MemoryEventKind Kind, AddressRange Range, ulong Destination = 0, Protection Protection = default)
{
    /// <summary>The new place of what was moved.</summary>
    internal AddressRange NewRange => new(Destination, Destination + (Range.Last - Range.Start));

    internal static MemoryEvent Of(in MemoryChange change, TimeSpan at)
    {
        MemoryEventKind kind = change.Kind switch
        {
            MemoryChangeKind.Unmapped => MemoryEventKind.Unmapped,
            MemoryChangeKind.Moved => MemoryEventKind.Moved,
            MemoryChangeKind.Dropped => MemoryEventKind.Dropped,
            _ => MemoryEventKind.Forked,
        };
        return new MemoryEvent(at, kind, change.Range, change.Destination?.Start ?? 0);
    }
}
