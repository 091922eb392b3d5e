namespace MmuNotifier;

/// <summary>
/// Why an invalidation is started, and whether it may wait and can refuse; in one word, because it is handed on at every start.
/// </summary>
internal readonly struct InvalidationMode
{
    private const int EventMask = 0xFF;
    private const int BlockableBit = 0x100;
    private const int ReportBit = 0x200;

    private readonly int _bits;

    private InvalidationMode(int bits) => _bits = bits;

    public InvalidationEvent Event => (InvalidationEvent)(_bits & EventMask);

    /// <summary>Whether callbacks may sleep.</summary>
    public bool IsBlockable => (_bits & BlockableBit) != 0;

    /// <summary>Whether it reports a change that is already made, and so can neither be refused nor throw.</summary>
    public bool IsReport => (_bits & ReportBit) != 0;

    public InvalidationMode AsBlockable => new(_bits | BlockableBit);

    public static InvalidationMode Blockable(InvalidationEvent invalidationEvent) => new((int)invalidationEvent | BlockableBit);

    public static InvalidationMode NonBlockable(InvalidationEvent invalidationEvent) => new((int)invalidationEvent);

    public static InvalidationMode Report(InvalidationEvent invalidationEvent) => new((int)invalidationEvent | BlockableBit | ReportBit);
}
