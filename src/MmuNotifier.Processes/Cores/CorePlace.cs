namespace MmuNotifier.Processes;

/// <summary>A range of addresses, bounds inclusive, and the offset in the file of its first byte.</summary>
internal readonly record struct CorePlace(ulong Start, ulong Last, long Offset)
{
    internal ulong Length => Last - Start + 1;

    /// <summary>The first offset behind it.</summary>
    internal long EndOffset => Offset + (long)Length;

    internal AddressRange Range => new(Start, Last);
}
