using System.Runtime.InteropServices;

namespace MmuNotifier.Linux.Native;

/// <summary>struct statx, of which only the identity of the file is asked for.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(136)]
    internal uint DeviceMajor;

    [FieldOffset(140)]
    internal uint DeviceMinor;
}
