using System.Runtime.InteropServices;

namespace MmuNotifier.Linux.Handler;

/// <summary>What the fault handler tells: an event as the kernel gave it, or that a page has been given back (MmuNotifier.FaultHandler/Message.cs).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct HandlerMessage
{
    [FieldOffset(0)]
    internal HandlerMessageKind Kind;

    /// <summary>Of a removal, an unmapping and a remapping: the first byte.</summary>
    [FieldOffset(8)]
    internal ulong Start;

    /// <summary>Of a removal and an unmapping: the byte after the last. Of a remapping: where the first byte is now. Of a page: its address.</summary>
    [FieldOffset(16)]
    internal ulong End;

    /// <summary>Of a remapping.</summary>
    [FieldOffset(24)]
    internal ulong LengthBytes;

    /// <summary>Of a page that was given back or dropped: where the word of its frame is, which tells the frame.</summary>
    [FieldOffset(24)]
    internal ulong Word;

    /// <summary>What it is about; of a remapping, where it was.</summary>
    internal readonly AddressRange Range => Kind switch
    {
        HandlerMessageKind.Returned or HandlerMessageKind.Dropped => AddressRange.FromLength(End, 4096),
        HandlerMessageKind.Remap => AddressRange.FromLength(Start, LengthBytes),
        HandlerMessageKind.Remove or HandlerMessageKind.Unmap => new AddressRange(Start, End - 1),
        _ => AddressRange.Whole,
    };
}
