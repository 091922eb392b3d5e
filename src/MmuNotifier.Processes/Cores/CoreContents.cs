using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Decides what of a mapping is in the core.</summary>
internal static class CoreContents
{
    /// <summary>
    /// Memory that the program may not touch and that has no pages (guards, the rest of an arena) is a hole in the file up to this size, so
    /// that its neighbours are one segment. Larger reservations have no content: a program can reserve more than a file can hold.
    /// </summary>
    internal const ulong MostReservedBytes = 64UL << 20;

    /// <param name="mapping">The mapping.</param>
    /// <param name="hasPages">Whether any page of it exists.</param>
    internal static CoreContent Of(in WatchedMapping mapping, bool hasPages)
    {
        ProcessMapping memory = mapping.Mapping;
        if (memory.Kind is MappingKind.Vvar or MappingKind.Device or MappingKind.Secret or MappingKind.Vsyscall)
            return CoreContent.None;
        bool isReserved = (memory.Protection & MappingProtection.Read) == 0 && !hasPages;
        if (isReserved && IsLargeReservation(in mapping))
            return CoreContent.None;
        // Of a large reservation the gaps have no place.
        bool hasFile = memory.IsFileBacked && !isReserved && !IsLargeReservation(in mapping);
        return hasFile ? CoreContent.MemoryAndFile : CoreContent.Memory;
    }

    /// <summary>
    /// Whether only those parts of it that have pages have content. A collector leaves pages behind in what it has reserved.
    /// </summary>
    internal static bool IsLargeReservation(in WatchedMapping mapping) =>
        (mapping.Mapping.Protection & MappingProtection.Read) == 0 && mapping.Mapping.LengthBytes > MostReservedBytes;

    /// <summary>
    /// Whether writes to the mapping are found by arming it. Also where others share the memory: what this process writes shows, what the
    /// others write after the page was copied does not.
    /// </summary>
    internal static bool IsArmed(WatchedMapping mapping) => mapping.Coverage switch
    {
        Coverage.Armed => true,
        Coverage.Excluded => mapping.Mapping.Kind is not (MappingKind.Vvar or MappingKind.Device or MappingKind.Secret)
            && !mapping.Mapping.IsKernelOwned,
        _ => false,
    };

    /// <summary>Whether its pages can be changed where nothing shows it, so that it is copied while the process is stopped.</summary>
    internal static bool IsCopiedWhenFrozen(in WatchedMapping mapping) =>
        !IsArmed(mapping) && ((mapping.Mapping.Protection & MappingProtection.Write) != 0 || !mapping.Mapping.IsFileBacked
            || mapping.IsMappedTwice || mapping.Coverage == Coverage.ReadWhenFrozen);
}
