using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux.Userfaultfd;

/// <summary>What happened to a watched address space.</summary>
internal enum UserfaultEventKind : byte
{
    /// <summary>A kind that this library does not know; the range is empty.</summary>
    Unknown = 0,
    PageFault = 0x12,
    Fork = 0x13,
    Remap = 0x14,
    Remove = 0x15,
    Unmap = 0x16,
}

/// <summary>
/// One event. Unmap, Remove: the range [Start, Last]. Remap: [Start, Last] moved to Destination. PageFault: Start is the
/// address, Destination the flags (<see cref="PageFaultFlags"/>).
/// Fork: Child watches the child's memory; it has been handshaken already and is the receiver's to dispose of.
/// </summary>
internal readonly record struct UserfaultEvent(
    UserfaultEventKind Kind, ulong Start, ulong Last, ulong Destination, SafeFileHandle? Child);
