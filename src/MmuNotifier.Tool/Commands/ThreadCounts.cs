using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Commands;

/// <summary>What the kernel counts of a thread.</summary>
/// <param name="WorkNanoseconds">How long it has run, and how long it could have run but had to wait for a processor.</param>
/// <param name="BytesWritten">How much it has written.</param>
internal readonly record struct ThreadCounts(long WorkNanoseconds, long BytesWritten)
{
    private const string WrittenPrefix = "wchar: ";

    /// <param name="folder">The thread's, in /proc.</param>
    /// <returns>Null if the kernel does not count, or no descriptors are left to read the files with.</returns>
    internal static ThreadCounts? TryRead(string folder)
    {
        try
        {
            string[] times = Syscall.ReadText(Path.Combine(folder, "schedstat")).Split(' ');
            return new ThreadCounts(Number(times[0]) + Number(times[1]), ReadWritten(Path.Combine(folder, "io")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>0 where the kernel does not count that, or a program with capabilities of its own may not read it.</summary>
    private static long ReadWritten(string file)
    {
        try
        {
            string line = Syscall.ReadLines(file).First(line => line.StartsWith(WrittenPrefix, StringComparison.Ordinal));
            return Number(line.AsSpan(WrittenPrefix.Length));
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);
}
