using System.Runtime.InteropServices;

namespace MmuNotifier.Differential;

/// <summary>The argument of PROCMAP_QUERY (<c>struct procmap_query</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 104)]
internal struct MappingQuery
{
    internal const uint Request = 0xC0686611;
    internal const ulong CoveringOrNext = 0x10;
    internal const ulong IsShared = 8;

    internal ulong Size;
    internal ulong Flags;
    internal ulong Address;
    internal ulong Start;
    internal ulong End;
    internal ulong MappingFlags;
    internal ulong PageSize;
    internal ulong Offset;
    internal ulong Inode;
    internal uint DeviceMajor;
    internal uint DeviceMinor;
    internal uint NameBytes;
    internal uint BuildIdBytes;
    internal ulong Name;
}
