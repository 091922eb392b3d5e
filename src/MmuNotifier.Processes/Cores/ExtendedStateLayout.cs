using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace MmuNotifier.Processes;

/// <summary>
/// Brings NT_X86_XSTATE into the layout that debuggers expect. Processors of AMD have no gap where those of Intel had the bounds registers,
/// so that AVX-512 state lies elsewhere and the whole is shorter; gdb before 14 then refuses the note, and the upper halves of the vector
/// registers with it.
/// </summary>
internal static class ExtendedStateLayout
{
    private const int EnabledOffset = 464;
    private const int AlwaysAlikeBytes = 832; // The legacy area, the header, and the upper halves of ymm.
    private const ulong Avx512Features = 0xe0;
    private const int ProtectionKeys = 9;

    /// <summary>Feature, offset and size in processors of Intel.</summary>
    private static readonly (int Feature, int Offset, int Bytes)[] s_expected =
        [(5, 1088, 64), (6, 1152, 512), (7, 1664, 1024), (ProtectionKeys, 2688, 8)];

    /// <param name="state">As the kernel has given it.</param>
    internal static byte[] Expected(byte[] state) => Expected(state, OffsetOf);

    /// <param name="state">As the kernel has given it.</param>
    /// <param name="offsetOf">Where this processor keeps a feature; 0 if it has none.</param>
    internal static byte[] Expected(byte[] state, Func<int, int> offsetOf)
    {
        if (state.Length < AlwaysAlikeBytes)
            return state;
        ulong enabled = BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(EnabledOffset));
        if ((enabled & Avx512Features) != Avx512Features || offsetOf(s_expected[0].Feature) is 0 or 1088)
            return state;
        bool hasKeys = (enabled & (1UL << ProtectionKeys)) != 0;
        (int, int Offset, int Bytes) last = s_expected[hasKeys ? ^1 : ^2];
        byte[] moved = new byte[last.Offset + last.Bytes];
        state.AsSpan(0, AlwaysAlikeBytes).CopyTo(moved);
        foreach ((int feature, int offset, int bytes) in s_expected)
        {
            int from = offsetOf(feature);
            if ((enabled & (1UL << feature)) != 0 && from > 0 && from + bytes <= state.Length)
                state.AsSpan(from, bytes).CopyTo(moved.AsSpan(offset));
        }

        return moved;
    }

    /// <summary>CPUID leaf 13 gives the offsets of the layout without compaction.</summary>
    private static int OffsetOf(int feature) => X86Base.IsSupported ? X86Base.CpuId(13, feature).Ebx : 0;
}
