using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>
/// struct uffd_msg, as the kernel writes it. Nobody looks into it but <see cref="UserfaultEvent.Decode"/>. Compiled into the native fault
/// handler too.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal struct UserfaultMessage
{
    internal const int SizeBytes = 32;

    internal const byte PageFault = 0x12;
    internal const byte Fork = 0x13;
    internal const byte Remap = 0x14;
    internal const byte Remove = 0x15;
    internal const byte Unmap = 0x16;

    /// <summary>One of the numbers above, or one that a newer kernel has.</summary>
    [FieldOffset(0)]
    internal byte Number;

    /// <summary>Of a fork: the child's descriptor, in the table of the process that reads.</summary>
    [FieldOffset(8)]
    internal uint ForkDescriptor;

    /// <summary>Of a removal or an unmapping: the first byte. Of a remapping: where the pages were. Of a fault: its flags.</summary>
    [FieldOffset(8)]
    internal ulong First;

    /// <summary>
    /// Of a removal or an unmapping: the byte after the last. Of a remapping: where the pages are now. Of a fault: the address.
    /// </summary>
    [FieldOffset(16)]
    internal ulong Second;

    /// <summary>Of a remapping: bytes; 0 if it made a second mapping of the same pages.</summary>
    [FieldOffset(24)]
    internal ulong LengthBytes;
}
