using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Output;

/// <summary>
/// A file that is written as a whole: until it is complete, a file that was there stays as it was, and there is never a half-written one.
/// </summary>
internal static class OutputFile
{
    /// <param name="path">Where to. What is no ordinary file, such as a pipe, is written to as it comes.</param>
    /// <param name="write">Writes all of it.</param>
    /// <returns>How many bytes the file has; 0 for what is no ordinary file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal static long Write(string path, Action<Stream> write)
    {
        bool exists = Syscall.Status(path, out FileStatus status) == Errno.None;
        if (exists && !status.IsRegularFile)
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Write);
            write(stream);
            return 0;
        }

        path = exists ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.part");
        try
        {
            long bytes;
            using (FileStream stream = File.Create(temporary))
            {
                write(stream);
                bytes = stream.Length;
            }

            File.Move(temporary, path, overwrite: true);
            return bytes;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
