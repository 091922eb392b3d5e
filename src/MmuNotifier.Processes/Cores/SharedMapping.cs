using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A mapping of memory that can have other mappings as well.</summary>
/// <param name="Range">Where the process has it.</param>
/// <param name="File">Which memory.</param>
/// <param name="Offset">Which byte of that memory is at the first address.</param>
/// <param name="IsWrittenForOthers">Whether there are others, and a write through this mapping concerns them.</param>
internal readonly record struct SharedMapping(AddressRange Range, FileIdentity File, ulong Offset, bool IsWrittenForOthers)
{
    /// <summary>The same bytes, as offsets into the memory.</summary>
    internal AddressRange Offsets => AddressRange.FromLength(Offset, Range.Length);

    internal static SharedMapping Of(in WatchedMapping watched, MemorySharing sharing)
    {
        ProcessMapping mapping = watched.Mapping;
        FileIdentity file = FileIdentity.Of(in mapping);
        // What is refused as read-only is not written through this mapping.
        bool isWritten = watched.Registration != UserfaultfdStatus.ReadOnlyShared;
        return new SharedMapping(watched.Range, file, mapping.Offset, isWritten && sharing.IsMappedTwice(file));
    }

    internal AddressRange ToOffsets(AddressRange addresses) => Move(addresses, Range.Start, Offset);

    internal AddressRange ToAddresses(AddressRange offsets) => Move(offsets, Offset, Range.Start);

    private static AddressRange Move(AddressRange range, ulong from, ulong to) =>
        new(range.Start - from + to, range.Last - from + to);
}
