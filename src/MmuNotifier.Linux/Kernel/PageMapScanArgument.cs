using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct pm_scan_arg; half-open as in the kernel.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct PageMapScanArgument
{
    internal const nuint Request = 0xC0606610;
    internal const int SizeBytes = 96;

    internal ulong Size;
    internal ulong Flags;
    internal ulong Start;
    internal ulong End;
    internal ulong WalkEnd;
    internal ulong Vector;
    internal ulong VectorLength;
    internal ulong MaxPages;
    internal ulong CategoryInverted;
    internal ulong CategoryMask;
    internal ulong CategoryAnyOf;
    internal ulong ReturnMask;
}
