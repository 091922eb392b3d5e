namespace MmuNotifier.Hmm;

/// <summary>
/// What <see cref="HmmRange"/> reports of one page (<c>hmm_pfns</c>): flags in bits 61–63, map order in 56–60, the frame below.
/// </summary>
/// <param name="Bits">All of it. May carry a request into a range fault; see there.</param>
public readonly record struct HmmEntry(ulong Bits)
{
    private const ulong ValidBit = 1UL << 63;
    private const ulong WriteBit = 1UL << 62;
    private const ulong ErrorBit = 1UL << 61;
    private const int OrderShift = 56;
    private const ulong FrameMask = (1UL << OrderShift) - 1;

    /// <summary>Nothing is there.</summary>
    public static HmmEntry None => default;

    /// <summary>The page cannot be had.</summary>
    public static HmmEntry Error => new(ErrorBit);

    /// <summary>Whether there is a page.</summary>
    public bool IsValid => (Bits & ValidBit) != 0;

    /// <summary>Whether it may be written.</summary>
    public bool IsWritable => (Bits & WriteBit) != 0;

    /// <summary>Whether it cannot be had: no mapping, an unreadable or an I/O mapping.</summary>
    public bool IsError => (Bits & ErrorBit) != 0;

    /// <summary>Logarithm of the size of the CPU's mapping in pages.</summary>
    public int Order => (int)(Bits >> OrderShift) & 0x1f;

    /// <summary>The page frame number.</summary>
    public ulong Frame => Bits & FrameMask;

    /// <summary>The entry of a page that is there.</summary>
    /// <param name="frame">Its frame, below 2^56.</param>
    /// <param name="isWritable">Whether it may be written.</param>
    /// <param name="order">Logarithm of the size of the CPU's mapping in pages, below 32.</param>
    public static HmmEntry Valid(ulong frame, bool isWritable, int order) =>
        new(ValidBit | (isWritable ? WriteBit : 0) | ((ulong)order << OrderShift) | (frame & FrameMask));
}
