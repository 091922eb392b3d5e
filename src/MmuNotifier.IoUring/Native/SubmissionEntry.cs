using System.Runtime.InteropServices;

namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_uring_sqe.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SubmissionEntry
{
    internal const byte ReadFixed = 4;
    internal const byte WriteFixed = 5;

    [FieldOffset(0)]
    internal byte Operation;

    [FieldOffset(4)]
    internal int File;

    [FieldOffset(8)]
    internal ulong FileOffset;

    [FieldOffset(16)]
    internal ulong Address;

    [FieldOffset(24)]
    internal uint Length;

    [FieldOffset(32)]
    internal ulong UserData;

    [FieldOffset(40)]
    internal ushort BufferIndex;
}
