using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct perf_event_attr, as far as Linux 4.1 knew it.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal struct PerfEventAttributes
{
    internal const int SizeBytes = 112;
    internal const uint Software = 1;
    internal const ulong Dummy = 9;

    internal const ulong Inherit = 1ul << 1;
    internal const ulong ExcludeKernel = 1ul << 5;
    internal const ulong ExcludeHypervisor = 1ul << 6;
    internal const ulong Mappings = 1ul << 8;
    internal const ulong DataMappings = 1ul << 17;
    internal const ulong MappingsWithProtection = 1ul << 23;
    internal const ulong InheritByThreadsOnly = 1ul << 35;

    [FieldOffset(0)]
    internal uint Type;

    [FieldOffset(4)]
    internal uint Size;

    [FieldOffset(8)]
    internal ulong Configuration;

    [FieldOffset(40)]
    internal ulong Flags;
}
