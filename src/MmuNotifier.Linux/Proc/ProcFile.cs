using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>Reads small text files of /proc whole, through a pooled buffer.</summary>
internal static unsafe class ProcFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>What the parser makes of the text; the default if the file cannot be opened or read (the process may be gone).</summary>
    internal static T? Parse<T>(string path, Func<ReadOnlySpan<byte>, T> parser, out Errno error)
    {
        using SafeFileHandle? file = Syscall.OpenForReading(path, out error);
        if (file is null)
            return default;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            int length = ReadToEnd(file, ref buffer, out error);
            return error == Errno.None ? parser(buffer.AsSpan(0, length)) : default;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int ReadToEnd(SafeFileHandle file, ref byte[] buffer, out Errno error)
    {
        int length = 0;
        while (true)
        {
            if (length == buffer.Length)
                Grow(ref buffer);
            long read;
            fixed (byte* pointer = buffer)
                read = Syscall.Read(file, pointer + length, (nuint)(buffer.Length - length));
            error = Syscall.ErrorOf(read);
            if (read <= 0)
                return length;
            length += (int)read;
        }
    }

    private static void Grow(ref byte[] buffer)
    {
        if (buffer.Length >= MaxBytes)
            throw new InvalidOperationException("A file of /proc is longer than any that is expected.");
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
