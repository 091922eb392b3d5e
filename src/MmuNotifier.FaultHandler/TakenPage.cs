namespace MmuNotifier.FaultHandler;

/// <summary>A page that a device has: where its bytes and its frame's word are.</summary>
internal unsafe struct TakenPage
{
    /// <summary>The bit of a word that says that the device may not access the frame.</summary>
    internal const uint Revoked = 1u << 31;

    /// <summary>The bits of a word that count accesses under way.</summary>
    internal const uint CountMask = 0xffff;

    private const int GenerationShift = 16;
    private const uint GenerationMask = 0x7fff;

    /// <summary>
    /// The generation of the page that a word belongs to; a frame's number that carries another one names no page any more.
    /// </summary>
    internal static uint GenerationIn(uint word) => (word >> GenerationShift) & GenerationMask;

    /// <summary>Address of the page; 0 for a free slot.</summary>
    internal ulong Address;

    internal byte* Bytes;

    internal uint* Word;
}
