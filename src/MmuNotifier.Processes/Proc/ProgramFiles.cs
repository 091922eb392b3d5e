using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Looks for bytes in the files that a program is made of.</summary>
internal static class ProgramFiles
{
    private const int ChunkBytes = 256 * 1024;

    /// <summary>The number of the ioctl UFFDIO_REGISTER, as compiled code holds it.</summary>
    private static ReadOnlySpan<byte> RegisterNumber => [0x00, 0xaa, 0x20, 0xc0];

    /// <summary>The name of the C library's function, as a program that calls it holds it.</summary>
    private static ReadOnlySpan<byte> PtraceName => "\0ptrace\0"u8;

    /// <summary>Whether the file behind a mapping may register memory with userfaultfd. A file that cannot be read does not.</summary>
    internal static bool MayRegisterMemory(int processId, in ProcessMapping mapping) =>
        Contains(PathOf(processId, in mapping), RegisterNumber)
        ?? Contains($"/proc/{processId}/root{mapping.Name}", RegisterNumber)
        ?? false;

    /// <summary>Whether the program that a process executes calls ptrace itself.</summary>
    internal static bool CallsPtrace(int processId) => Contains($"/proc/{processId}/exe", PtraceName) ?? false;

    // Finds deleted files, too, but needs CAP_CHECKPOINT_RESTORE.
    private static string PathOf(int processId, in ProcessMapping mapping) => string.Create(
        CultureInfo.InvariantCulture, $"/proc/{processId}/map_files/{mapping.Start:x}-{mapping.Last + 1:x}");

    /// <returns>Null if the file cannot be read.</returns>
    private static bool? Contains(string path, ReadOnlySpan<byte> pattern)
    {
        try
        {
            using FileStream file = Syscall.OpenToRead(path);
            byte[] buffer = new byte[ChunkBytes];
            int kept = 0;
            while (true)
            {
                int read = file.Read(buffer, kept, buffer.Length - kept);
                if (read == 0)
                    return false;
                ReadOnlySpan<byte> chunk = buffer.AsSpan(0, kept + read);
                if (chunk.IndexOf(pattern) >= 0)
                    return true;

                // The end of one chunk and the start of the next may hold it together.
                kept = Math.Min(pattern.Length - 1, chunk.Length);
                chunk[^kept..].CopyTo(buffer);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
