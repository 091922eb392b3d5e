namespace MmuNotifier.FaultHandler;

/// <summary>A page that a device has: where its bytes and its frame's word are.</summary>
internal unsafe struct TakenPage
{
    /// <summary>Address of the page; 0 for a free slot.</summary>
    internal ulong Address;

    internal byte* Bytes;

    internal uint* Word;
}
