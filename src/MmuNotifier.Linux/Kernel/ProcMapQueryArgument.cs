using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct procmap_query; half-open as in the kernel.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct ProcMapQueryArgument
{
    internal const nuint Request = 0xC0686611;
    internal const int SizeBytes = 104;

    internal const ulong Readable = 1;
    internal const ulong Writable = 2;
    internal const ulong Executable = 4;
    internal const ulong Shared = 8;
    internal const ulong CoveringOrNext = 16;

    internal ulong Size;
    internal ulong QueryFlags;
    internal ulong QueryAddress;
    internal ulong Start;
    internal ulong End;
    internal ulong Flags;
    internal ulong PageSizeBytes;
    internal ulong Offset;
    internal ulong Inode;
    internal uint DeviceMajor;
    internal uint DeviceMinor;
    internal uint NameSize;
    internal uint BuildIdSize;
    internal ulong NameAddress;
    internal ulong BuildIdAddress;

    /// <summary>Asks for the mapping that covers the address, or the next one.</summary>
    internal static ProcMapQueryArgument CoveringOrNextOf(ulong address) => new()
    {
        Size = SizeBytes,
        QueryFlags = CoveringOrNext,
        QueryAddress = address,
    };
}
