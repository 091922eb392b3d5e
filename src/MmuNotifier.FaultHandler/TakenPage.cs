namespace MmuNotifier.FaultHandler;

/// <summary>A page that a device has: where its bytes and its frame's word are.</summary>
internal unsafe struct TakenPage
{
    /// <summary>The bit of a word that says that the device may not access the frame; those below count accesses under way.</summary>
    internal const uint Revoked = 1u << 31;

    /// <summary>Address of the page; 0 for a free slot.</summary>
    internal ulong Address;

    internal byte* Bytes;

    internal uint* Word;
}
