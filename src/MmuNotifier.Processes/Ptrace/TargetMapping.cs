using System.Globalization;
using MmuNotifier.Linux.Native;

namespace MmuNotifier.Processes.Ptrace;

/// <summary>One line of <c>/proc/PID/maps</c>.</summary>
internal readonly record struct TargetMapping(ulong Start, ulong End, string Access, string Path)
{
    internal bool Contains(ulong address) => address >= Start && address < End;

    internal bool IsExecutable => Access[0] == 'r' && Access[2] == 'x';

    internal bool IsMainStack => Path == "[stack]";

    /// <summary>Reads the mappings of a thread's process, by rising addresses.</summary>
    /// <exception cref="TargetChangedException">The thread has ended, and has no memory any more.</exception>
    internal static List<TargetMapping> ReadAll(int threadId)
    {
        List<TargetMapping> mappings = [];
        foreach (string line in ReadLines(threadId))
        {
            string[] fields = line.Split(' ', 6);
            int dash = fields[0].IndexOf('-', StringComparison.Ordinal);
            ulong start = ulong.Parse(fields[0].AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong end = ulong.Parse(fields[0].AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            mappings.Add(new TargetMapping(start, end, fields[1], fields.Length > 5 ? fields[5].Trim() : ""));
        }

        return mappings;
    }

    private static string[] ReadLines(int threadId)
    {
        try
        {
            return Syscall.ReadLines($"/proc/{threadId}/maps").ToArray() is { Length: > 0 } lines
                ? lines
                : throw new TargetChangedException($"Thread {threadId} has no memory any more.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TargetChangedException($"The mappings of thread {threadId} cannot be read: {exception.Message}");
        }
    }
}
