namespace MmuNotifier.Processes;

/// <summary>A range of which the written pages are armed by one scan: it grows over neighbours that lie close enough.</summary>
internal struct ArmedSpan(AddressRange first)
{
    /// <summary>Passing over so much costs less than another scan.</summary>
    private const ulong GapBytes = 64 * 1024;

    internal AddressRange Range { get; private set; } = first;

    /// <summary>Takes in a range that lies behind this one, if it is close.</summary>
    internal bool TryExtend(AddressRange next)
    {
        if (next.Start > Range.Last && next.Start - Range.Last > GapBytes)
            return false;
        Range = Range.Hull(next);
        return true;
    }
}
