using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>struct uffd_msg; also what is passed on: events as they are, and pages that were given back.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Message
{
    internal const byte PageFault = 0x12;

    /// <summary>Not of the kernel: the page at <see cref="Address"/> was given back to the CPU.</summary>
    internal const byte Returned = 0xF0;

    /// <summary>Not of the kernel: nobody fetched the messages in time and some are lost; anything may have changed.</summary>
    internal const byte Lost = 0xF1;

    [FieldOffset(0)]
    internal byte Kind;

    [FieldOffset(8)]
    internal ulong Flags;

    [FieldOffset(16)]
    internal ulong Address;
}
