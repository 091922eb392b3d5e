using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// A stack image whose first words lead into <c>rt_sigreturn</c>, and which that call turns into the registers, the vector state and the
/// signal mask given here. A thread that returns into it is where it was, without anybody's help.
/// </summary>
/// <remarks>
/// <code>
/// entry:  words that lead into rt_sigreturn          (stack pointer during the injected call)
///         struct ucontext (flags, link, stack, registers, signal mask)
///         ... up to a multiple of 64 ...
///         XSAVE image, its software bytes at 464     (pointed to by the registers)
///         second magic number
/// </code>
/// </remarks>
internal static class SignalFrame
{
    private const int ContextSize = 304;
    private const int StackFlagsOffset = 24;
    private const int RegistersOffset = 40;
    private const int SelectorsOffset = RegistersOffset + 144;
    private const int StatePointerOffset = RegistersOffset + 184;
    private const int MaskOffset = 296;
    private const int SoftwareBytesOffset = 464;
    private const int SoftwareBytesSize = 48;
    private const int StateAlignment = 64;

    /// <summary>UC_FP_XSTATE, UC_SIGCONTEXT_SS and UC_STRICT_RESTORE_SS.</summary>
    private const uint ContextFlags = 7;

    private const uint Magic1 = 0x46505853;
    private const uint Magic2 = 0x46505845;

    /// <summary>Where the AMX tile data begin. The kernel's own image ends here in a thread that may not use tiles.</summary>
    private const int TileDataOffset = 2816;

    private const int HeaderOffset = 512;
    private const ulong TileDataFeature = 1UL << 18;

    /// <summary>
    /// Flags for the alternate signal stack that the kernel rejects. ptrace cannot read that setting, so it must be left alone:
    /// rt_sigreturn ignores the rejection.
    /// </summary>
    private const uint InvalidStackFlags = 3;

    /// <summary>How many bytes an image takes, wherever it is put.</summary>
    internal static int MaximumSize(int stateSize, int leadWords) =>
        leadWords * 8 + ContextSize + StateAlignment + stateSize + sizeof(uint);

    /// <summary>Makes the image that begins at <paramref name="entry"/>.</summary>
    internal static byte[] Build(ulong entry, ulong[] lead, PtraceRegisters registers, ulong signalMask, ReadOnlySpan<byte> state)
    {
        int context = lead.Length * 8;
        ulong stateAddress = (entry + (ulong)(context + ContextSize) + StateAlignment - 1) & ~(ulong)(StateAlignment - 1);
        int stateOffset = (int)(stateAddress - entry);
        byte[] image = new byte[stateOffset + state.Length + sizeof(uint)];
        MemoryMarshal.AsBytes(lead.AsSpan()).CopyTo(image);
        WriteContext(image.AsSpan(context), registers, signalMask, stateAddress);
        state.CopyTo(image.AsSpan(stateOffset));
        WriteSoftwareBytes(image.AsSpan(stateOffset), state.Length);
        return image;
    }

    /// <summary>The registers with which a thread that was interrupted in a system call makes that call again.</summary>
    /// <remarks>
    /// The kernel would do so by itself, except for a call with a relative time limit (-516) through restart_syscall, which after an
    /// rt_sigreturn always answers EINTR. So such a call is made from the start: it waits longer, which every caller must expect.
    /// </remarks>
    internal static PtraceRegisters Restarted(PtraceRegisters registers)
    {
        if ((long)registers.OriginalRax < 0 || (long)registers.Rax is not (-512 or -513 or -514 or -516))
            return registers;
        registers.Rax = registers.OriginalRax;
        registers.Rip -= 2;
        return registers;
    }

    private static void WriteContext(Span<byte> context, in PtraceRegisters registers, ulong signalMask, ulong stateAddress)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(context, ContextFlags);
        BinaryPrimitives.WriteUInt32LittleEndian(context[StackFlagsOffset..], InvalidStackFlags);
        ReadOnlySpan<ulong> general =
        [
            registers.R8, registers.R9, registers.R10, registers.R11, registers.R12, registers.R13, registers.R14, registers.R15,
            registers.Rdi, registers.Rsi, registers.Rbp, registers.Rbx, registers.Rdx, registers.Rax, registers.Rcx, registers.Rsp,
            registers.Rip, registers.Flags,
        ];
        MemoryMarshal.AsBytes(general).CopyTo(context[RegistersOffset..]);
        BinaryPrimitives.WriteUInt16LittleEndian(context[SelectorsOffset..], (ushort)registers.Cs);
        BinaryPrimitives.WriteUInt16LittleEndian(context[(SelectorsOffset + 6)..], (ushort)registers.Ss);
        BinaryPrimitives.WriteUInt64LittleEndian(context[StatePointerOffset..], stateAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(context[MaskOffset..], signalMask);
    }

    /// <summary>
    /// Marks the image as one that has more than the legacy part; without it the kernel would clear the vector registers.
    /// </summary>
    /// <remarks>ptrace puts the mask of all features where these bytes begin.</remarks>
    private static void WriteSoftwareBytes(Span<byte> image, int size)
    {
        ulong present = BinaryPrimitives.ReadUInt64LittleEndian(image[HeaderOffset..]);
        ulong features = BinaryPrimitives.ReadUInt64LittleEndian(image[SoftwareBytesOffset..]);

        // The kernel looks for the second magic number at the end of the image as this thread may have it: with or without the
        // tiles. Both places can be marked, for the first bytes of the tiles are not read when none is in use.
        bool withoutTiles = size > TileDataOffset && (present & TileDataFeature) == 0;
        if (withoutTiles)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image[TileDataOffset..], Magic2);
            features &= ~TileDataFeature;
        }

        uint statedSize = (uint)(withoutTiles ? TileDataOffset : size);
        Span<byte> software = image.Slice(SoftwareBytesOffset, SoftwareBytesSize);
        software.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(software, Magic1);
        BinaryPrimitives.WriteUInt32LittleEndian(software[4..], statedSize + sizeof(uint));
        BinaryPrimitives.WriteUInt64LittleEndian(software[8..], features);
        BinaryPrimitives.WriteUInt32LittleEndian(software[16..], statedSize);
        BinaryPrimitives.WriteUInt32LittleEndian(image[size..], Magic2);
    }
}
