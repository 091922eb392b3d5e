using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct statx, of which only the kind, the identity, the size and the times of change are asked for.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    private const ushort KindMask = 0xF000, RegularFile = 0x8000, Folder = 0x4000;

    [FieldOffset(28)]
    internal ushort Mode;

    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(40)]
    internal ulong SizeBytes;

    [FieldOffset(96)]
    internal long ChangeSeconds;

    [FieldOffset(104)]
    internal uint ChangeNanoseconds;

    [FieldOffset(112)]
    internal long ModifySeconds;

    [FieldOffset(120)]
    internal uint ModifyNanoseconds;

    [FieldOffset(136)]
    internal uint DeviceMajor;

    [FieldOffset(140)]
    internal uint DeviceMinor;

    /// <summary>False for folders, devices, pipes and sockets.</summary>
    internal readonly bool IsRegularFile => (Mode & KindMask) == RegularFile;

    internal readonly bool IsFolder => (Mode & KindMask) == Folder;
}
