using MmuNotifier.Hmm;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A mapping of a process, as it was at the moment of the call that returned it.</summary>
public readonly record struct LiveMapping
{
    /// <summary>The bytes it covers; whole pages, bounds inclusive.</summary>
    public required AddressRange Range { get; init; }

    /// <summary>What it permits the program.</summary>
    public required Protection Protection { get; init; }

    /// <summary>Whether others that map the same memory see its writes.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether its pages come from a file; memory without a name that processes share (<c>memfd</c>) counts as a file.</summary>
    public bool IsFileBacked { get; init; }

    /// <summary>Byte offset of its first page in the file; 0 without a file.</summary>
    public ulong FileOffset { get; init; }

    /// <summary>
    /// As /proc/PID/maps shows it: the path of the file in the process's own root folder, <c>[heap]</c>, <c>[stack]</c>; empty if it has
    /// none.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>
    /// Why not every change of it is seen, in words; null if all are seen. Changes that are not seen are in no
    /// <see cref="WrittenPages.Ranges"/> and come as no invalidation.
    /// </summary>
    public string? NotSeen { get; init; }

    internal static LiveMapping Of(in WatchedMapping mapping) => new()
    {
        Range = mapping.Range,
        Protection = (Protection)mapping.Mapping.Protection,
        IsShared = mapping.Mapping.Shared,
        IsFileBacked = mapping.Mapping.IsFileBacked,
        FileOffset = mapping.Mapping.IsFileBacked ? mapping.Mapping.Offset : 0,
        Name = mapping.Mapping.Name,
        NotSeen = WhyNotSeen(in mapping),
    };

    /// <remarks>Shared memory that others write is armed all the same: what this process writes to it shows.</remarks>
    private static string? WhyNotSeen(in WatchedMapping mapping)
    {
        // The kernel's code never changes.
        if (mapping.Coverage == Coverage.Armed || mapping.Mapping.Kind == MappingKind.Vdso)
            return null;
        bool isSeen = CoreContents.IsArmed(mapping) ? !mapping.Mapping.Shared : !CoreContents.IsCopiedWhenFrozen(in mapping);
        return isSeen ? null : mapping.Reason;
    }
}
