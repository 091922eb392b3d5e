namespace MmuNotifier.Linux;

/// <summary>A range that somebody asked to watch. It is a node of the tree of <see cref="WatchedRanges"/> too.</summary>
internal sealed class WatchedRange(AddressRange range)
{
    internal AddressRange Range { get; } = range;

    /// <summary>How often it was asked for.</summary>
    internal int Count { get; set; }

    /// <summary>What all its mappings permitted when that was last looked up; null if they differed.</summary>
    internal MappingProtection? Protection { get; set; }

    /// <summary>How many pages the last arming protected; null: it is not armed, or a later change has made that worthless.</summary>
    internal ulong? ArmedPages { get; set; }

    /// <summary>The child with the ranges that come before it.</summary>
    internal WatchedRange? Before { get; set; }

    /// <summary>The child with the ranges that come after it.</summary>
    internal WatchedRange? After { get; set; }

    /// <summary>The greatest last address of it and of all below it.</summary>
    internal ulong GreatestLast { get; set; } = range.Last;
}
