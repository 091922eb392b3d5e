using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>A range that somebody asked to watch.</summary>
internal sealed class WatchedRange(AddressRange range)
{
    internal AddressRange Range { get; } = range;

    /// <summary>How often it was asked for.</summary>
    internal int Count { get; set; }

    /// <summary>What all its mappings permitted when that was last looked up; null if they differed.</summary>
    internal MappingProtection? Protection { get; set; }

    /// <summary>How many pages the last arming protected; null: it is not armed, or a later change has made that worthless.</summary>
    internal ulong? ArmedPages { get; set; }
}
