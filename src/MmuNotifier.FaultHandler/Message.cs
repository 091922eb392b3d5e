using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>struct uffd_msg; also what is passed on: events as they are, and pages that were given back.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Message
{
    internal const byte PageFault = 0x12;
    internal const byte Remap = 0x14;
    internal const byte Remove = 0x15;
    internal const byte Unmap = 0x16;

    /// <summary>Not of the kernel: the page at <see cref="Address"/> was given back to the CPU.</summary>
    internal const byte Returned = 0xF0;

    /// <summary>Not of the kernel: the page at <see cref="Address"/> went with a removal or an unmapping, whose event follows.</summary>
    internal const byte Dropped = 0xF2;

    /// <summary>Not of the kernel: nobody fetched the messages in time and some are lost; anything may have changed.</summary>
    internal const byte Lost = 0xF1;

    [FieldOffset(0)]
    internal byte Kind;

    /// <summary>Of a fault.</summary>
    [FieldOffset(8)]
    internal ulong Flags;

    /// <summary>Of a fault, and of a page that was given back.</summary>
    [FieldOffset(16)]
    internal ulong Address;

    /// <summary>Of a removal or an unmapping, inclusive; of a remapping, where the pages were.</summary>
    [FieldOffset(8)]
    internal ulong Start;

    /// <summary>Of a removal or an unmapping, exclusive; of a remapping, where the pages are now.</summary>
    [FieldOffset(16)]
    internal ulong End;

    /// <summary>Of a remapping.</summary>
    [FieldOffset(24)]
    internal ulong LengthBytes;

    /// <summary>Of a page that was given back or dropped: where the word of its frame is. It may be another page's by the time it is fetched.</summary>
    [FieldOffset(24)]
    internal ulong Word;
}
