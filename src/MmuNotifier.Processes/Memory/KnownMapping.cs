using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A mapping that was shown to devices: registered, so that its end is heard of.</summary>
/// <param name="Mapping">As it was shown.</param>
/// <param name="Descriptor">The userfaultfd that it is registered with; null for one that cannot be, which devices do not get.</param>
/// <param name="WithMissing">Whether touches of missing pages wait.</param>
internal sealed record KnownMapping(Mapping Mapping, UserfaultfdDescriptor? Descriptor, bool WithMissing)
{
    /// <summary>Whether the other permits the same, on memory of the same kind.</summary>
    internal bool IsOfKind(in Mapping other) =>
        other.Protection == Mapping.Protection && other.IsShared == Mapping.IsShared && other.Backing == Mapping.Backing;

    /// <summary>The part of it in the range, which it contains.</summary>
    internal KnownMapping Part(AddressRange range)
    {
        bool hasOffset = Mapping.Backing != MappingBacking.Anonymous;
        ulong offset = hasOffset ? Mapping.FileOffset + (range.Start - Mapping.Range.Start) : Mapping.FileOffset;
        return this with { Mapping = Mapping with { Range = range, FileOffset = offset } };
    }
}
