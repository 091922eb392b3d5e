using System.Buffers.Binary;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>The headers of a core for x86-64: the ELF header, program headers, and the section header that holds their number.</summary>
internal static class ElfHeaders
{
    internal const int HeaderBytes = 64, ProgramHeaderBytes = 56, SectionHeaderBytes = 64;

    /// <summary>PN_XNUM: so many program headers or more are counted in the first section header.</summary>
    private const int ManyHeaders = 0xffff;

    private const int CoreType = 4, MachineX64 = 62;
    private const int LoadType = 1, NoteType = 4;

    /// <summary>Whether the number of headers, notes included, does not fit into the ELF header.</summary>
    internal static bool NeedSection(int headers) => headers >= ManyHeaders;

    /// <param name="headers">How many program headers follow each other at the offset, notes included.</param>
    /// <param name="headersOffset">Where they are.</param>
    internal static byte[] Header(int headers, long headersOffset)
    {
        byte[] header = new byte[HeaderBytes];
        ReadOnlySpan<byte> identification = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identification.CopyTo(header);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(16), CoreType);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(18), MachineX64);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), headersOffset);
        bool needsSection = NeedSection(headers);
        if (needsSection)
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), headersOffset + ((long)headers * ProgramHeaderBytes));
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(52), HeaderBytes);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(54), ProgramHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(56), (ushort)Math.Min(headers, ManyHeaders));
        if (needsSection)
        {
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(58), SectionHeaderBytes);
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(60), 1);
        }

        return header;
    }

    /// <summary>The program headers, and behind them the section header if one is needed.</summary>
    internal static byte[] ProgramHeaders(long notesOffset, long notesBytes, IReadOnlyList<CoreSegment> segments)
    {
        int headers = segments.Count + 1;
        byte[] table = new byte[(headers * ProgramHeaderBytes) + (NeedSection(headers) ? SectionHeaderBytes : 0)];
        Span<byte> note = table;
        BinaryPrimitives.WriteInt32LittleEndian(note, NoteType);
        BinaryPrimitives.WriteInt64LittleEndian(note[8..], notesOffset);
        BinaryPrimitives.WriteInt64LittleEndian(note[32..], notesBytes);
        BinaryPrimitives.WriteInt64LittleEndian(note[48..], sizeof(int));
        long emptyOffset = (long)PageSize.StartOf((ulong)notesOffset + PageSize.OffsetMask);
        for (int i = 0; i < segments.Count; i++)
            WriteLoad(table.AsSpan((i + 1) * ProgramHeaderBytes), segments[i], emptyOffset);
        if (NeedSection(headers))
            BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan((headers * ProgramHeaderBytes) + 44), headers);
        return table;
    }

    /// <param name="header">Gets it.</param>
    /// <param name="segment">What it describes.</param>
    /// <param name="emptyOffset">
    /// The offset of a segment without content: a whole number of pages, as the alignment says. It must not be 0: gdb and objdump look for
    /// the header of a file where a segment begins, find the core's own, and read its notes, with all the threads, once more.
    /// </param>
    private static void WriteLoad(Span<byte> header, CoreSegment segment, long emptyOffset)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, LoadType);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], FlagsOf(segment.Protection));
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], segment.HasContent ? segment.Place.Offset : emptyOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], segment.Place.Start);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], segment.FileBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], segment.Place.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], PageSize.Bytes);
    }

    private static int FlagsOf(MappingProtection protection) =>
        ((protection & MappingProtection.Read) != 0 ? 4 : 0)
        | ((protection & MappingProtection.Write) != 0 ? 2 : 0)
        | ((protection & MappingProtection.Execute) != 0 ? 1 : 0);
}
