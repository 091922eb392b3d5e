namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>The smallest 32-bit program: it waits for ever.</summary>
internal static class Elf32
{
    private const int Base = 0x08048000, HeaderSize = 52, ProgramHeaderSize = 32;

    internal static byte[] Pause
    {
        get
        {
            // again: mov $29, %eax (pause); int $0x80; jmp again
            byte[] code = [0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7];
            int codeOffset = HeaderSize + ProgramHeaderSize, size = codeOffset + code.Length;
            using MemoryStream stream = new();
            using BinaryWriter writer = new(stream);
            writer.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            writer.Write([(byte)2, 0, 3, 0]);
            foreach (int word in (int[])[1, Base + codeOffset, HeaderSize, 0, 0])
                writer.Write(word);
            foreach (short half in (short[])[HeaderSize, ProgramHeaderSize, 1, 40, 0, 0])
                writer.Write(half);
            foreach (int word in (int[])[1, 0, Base, Base, size, size, 5, 0x1000])
                writer.Write(word);
            writer.Write(code);
            return stream.ToArray();
        }
    }
}
