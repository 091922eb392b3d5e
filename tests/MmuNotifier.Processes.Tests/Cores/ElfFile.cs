using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Processes.Tests.Cores;

/// <summary>Reads a core as the specification has it: what is written is checked against this, not against the writer.</summary>
internal sealed class ElfFile
{
    private readonly Func<long, int, byte[]> _read;

    internal ElfFile(byte[] bytes)
        : this((offset, length) => bytes.AsSpan((int)offset, length).ToArray())
    {
    }

    private ElfFile(Func<long, int, byte[]> read)
    {
        _read = read;
        Assert.Equal([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1], read(0, 7));
        Assert.Equal(4, Word(16, 2));
        Assert.Equal(62, Word(18, 2));
        long table = Word(32, 8);
        long count = Word(56, 2);
        if (count == 0xffff)
            count = Word(Word(40, 8) + 44, 4);
        for (long header = table; header < table + (count * 56); header += 56)
        {
            if (Word(header, 4) == 4)
                ReadNotes(Word(header + 8, 8), Word(header + 32, 8));
            else
                Segments.Add(new Segment((ulong)Word(header + 16, 8), (ulong)Word(header + 40, 8), Word(header + 8, 8),
                    Word(header + 32, 8), (int)Word(header + 4, 4)));
        }
    }

    /// <summary>Reads from the file when asked: with its holes it may be larger than an array can be.</summary>
    internal static ElfFile Open(string path)
    {
        SafeFileHandle file = File.OpenHandle(path); // Closed by its finalizer.
        return new ElfFile((offset, length) =>
        {
            byte[] bytes = new byte[length];
            Assert.Equal(length, RandomAccess.Read(file, bytes, offset));
            return bytes;
        });
    }

    internal List<Segment> Segments { get; } = [];

    internal List<(string Name, int Type, byte[] Content)> Notes { get; } = [];

    /// <summary>The content at an address; null if the file has none.</summary>
    internal byte[]? Read(ulong address, int length)
    {
        foreach (Segment segment in Segments)
        {
            if (address >= segment.Address && address - segment.Address + (ulong)length <= (ulong)segment.FileBytes)
                return _read(segment.Offset + (long)(address - segment.Address), length);
        }

        return null;
    }

    private void ReadNotes(long offset, long length)
    {
        for (long at = offset; at < offset + length;)
        {
            int name = (int)Word(at, 4);
            int content = (int)Word(at + 4, 4);
            long begin = at + 12 + Align(name);
            Notes.Add((Encoding.ASCII.GetString(_read(at + 12, name - 1)), (int)Word(at + 8, 4), _read(begin, content)));
            at = begin + Align(content);
        }
    }

    private static long Align(long length) => (length + 3) & ~3L;

    private long Word(long offset, int length)
    {
        byte[] place = _read(offset, length);
        return length switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(place),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(place),
            _ => BinaryPrimitives.ReadInt64LittleEndian(place),
        };
    }

    internal sealed record Segment(ulong Address, ulong Bytes, long Offset, long FileBytes, int Flags);
}
